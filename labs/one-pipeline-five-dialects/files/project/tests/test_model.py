import unittest

from late import model

ROWS = [
    {"day": 1, "hour": hour, "origin": "JFK", "late": late}
    for hour, late in ((6, 0), (6, 0), (18, 1), (18, 0))
]


class ModelTest(unittest.TestCase):
    def test_share_of_all(self):
        self.assertEqual(model.fit(ROWS)["share"], 0.25)

    def test_a_chance_for_an_hour_without_flights(self):
        self.assertEqual(model.predict(model.fit(ROWS), {"hour": 3}), 0.25)

    def test_a_perfect_model_scores_zero(self):
        perfect = {"share": 0, "hours": {"6": 0}}
        self.assertEqual(model.brier(perfect, ROWS[:2]), 0)

    def test_in_words(self):
        self.assertEqual(model.in_words(0.214), "21 in 100 flights like this one are late")


if __name__ == "__main__":
    unittest.main()
