"""Grading a class: who handed in what, one verdict each, kept in a course folder."""
