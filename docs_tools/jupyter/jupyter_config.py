# Read through JUPYTER_CONFIG_PATH while notebooks run: ipykernel's own log lines stay out of the pages.
c.NotebookClient.extra_arguments = ["--log-level=40"]  # noqa: F821, Jupyter hands in `c`
