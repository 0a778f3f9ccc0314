"""Writes the site's Markdown: the pages of docs/, and what is made from lessons, labs, the roadmap and the code.

Only `mkdocs.yml` knows which generator turns it into HTML.
"""
