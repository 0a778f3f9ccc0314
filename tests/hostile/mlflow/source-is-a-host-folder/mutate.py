def mutate(cells):
    cells["answer-t2"]["source"] = """def register():
    client = mlflow.MlflowClient()
    client.create_registered_model('tiny-double')
    client.create_model_version('tiny-double', source='file:///etc', run_id=None)"""
