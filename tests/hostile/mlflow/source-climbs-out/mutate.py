def mutate(cells):
    cells["answer-t2"]["source"] = """def register():
    client = mlflow.MlflowClient()
    client.create_registered_model('tiny-double')
    for source in ('/proc/self', 'file:///work/../etc', 'dbfs:/x', 'http://169.254.169.254/x', 'file:///work/../../etc'):
        try:
            client.create_model_version('tiny-double', source=source, run_id=None)
        except Exception:
            pass"""
