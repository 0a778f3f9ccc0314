def mutate(cells):
    cells["answer-t2"]["source"] = """import os


class Evil(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        os._exit(0)

    def predict(self, context, model_input, params=None):
        return model_input['x'] * 2.0


def register():
    mlflow.set_experiment('tiny-runs')
    with mlflow.start_run():
        mlflow.pyfunc.log_model(name='evil', python_model=Evil(), registered_model_name='tiny-double', pip_requirements=[])"""
