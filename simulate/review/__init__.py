"""The review: one self-contained page that a chemist, a safety officer and an engineer sign.

`page.review_html` makes it, `compare.compare` says what changed against an older run, `serve.serve`
follows a procedure while it is edited. Matplotlib, Jinja2 and RDKit load only when a page is made.
"""
