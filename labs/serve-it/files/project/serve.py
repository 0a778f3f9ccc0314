"""The service: python serve.py. It listens at the address HOST, on the port PORT."""

import os

import uvicorn
from fastapi import FastAPI

app = FastAPI(title="Late flights")


@app.post("/predict")
def predict():
    raise NotImplementedError("your service")


if __name__ == "__main__":
    uvicorn.run(app, host=os.environ.get("HOST", "127.0.0.1"), port=int(os.environ.get("PORT", "8000")))
