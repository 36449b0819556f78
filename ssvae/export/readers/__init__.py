"""How another program opens an export: a script a format, all but one without `ssvae`.

Each takes the export's folder and a folder with `inputs.npz`, arrays named
`endpoint.input`, and writes `outputs.npz`, arrays named `endpoint.output`.
"""
