# %% task="t1"
from sklearn.model_selection import train_test_split


def split(flights):
    return train_test_split(flights, test_size=0.2, random_state=42)
