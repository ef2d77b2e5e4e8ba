"""Pages to take away: each as Markdown and, if it has code, as a notebook; llms.txt for those who send a machine."""
