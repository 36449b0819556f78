"""Every setting of a run, its presets and its TOML files."""
