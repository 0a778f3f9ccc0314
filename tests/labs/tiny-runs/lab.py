# %% [markdown]
# # Tiny runs

# %%
import mlflow

from mlops_labs import lab


# %% task="t1"
def track(name, values):
    """Log a run of that name to the experiment tiny-runs, with the metric `total`: the sum of the values."""
    ### BEGIN SOLUTION
    mlflow.set_experiment("tiny-runs")
    with mlflow.start_run(run_name=name):
        mlflow.log_metric("total", sum(values))
    ### END SOLUTION


# %% check="t1"
lab.check("t1")


# %% task="t2"
def register():
    """Register a version of the model tiny-double, which doubles the column x."""
    ### BEGIN SOLUTION

    class Double(mlflow.pyfunc.PythonModel):
        def predict(self, context, model_input, params=None):
            return model_input["x"] * 2.0

    mlflow.set_experiment("tiny-runs")
    with mlflow.start_run():
        mlflow.pyfunc.log_model(
            name="double", python_model=Double(), registered_model_name="tiny-double", pip_requirements=[]
        )
    ### END SOLUTION


# %% check="t2"
lab.check("t2")
