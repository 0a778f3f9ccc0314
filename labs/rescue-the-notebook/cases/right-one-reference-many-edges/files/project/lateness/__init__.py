"""Lateness."""

from lateness.flights import clock_to_minutes, daily, features, in_month

__all__ = ["clock_to_minutes", "daily", "features", "in_month"]
