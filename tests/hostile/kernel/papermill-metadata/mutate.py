def mutate(cells):
    cells["notebook"]["metadata"]["papermill"] = {"parameters": {"FACTOR": 9}, "output_path": "/etc/passwd", "input_path": "s3://x/y", "environment_variables": {"LD_PRELOAD": "/x"}}
