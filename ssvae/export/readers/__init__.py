"""How another program opens an export: one script per format.

Each script takes the export's folder, and a folder with `inputs.npz`, arrays named
`endpoint.input`. It writes `outputs.npz` there, arrays named `endpoint.output`. Only
the script for `.keras` files imports `ssvae`.
"""
