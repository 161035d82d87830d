"""The recipe of a convergence network for one survey: one pixel size, depth and source redshift.

It is that of the workflow's experiment `mass` and its model `lofi`; a test compares them.
"""

RECIPE = {
    "task": "lensing",
    "model": {
        "class": "lofi",
        "inputs": {"channels": ["kappa_e", "noise_std"], "wiener": True, "residual": "wiener"},
        "geometry": {"kind": "circular", "rings": 9, "angles": 9, "radius": 6.0},
        "network": {"kind": "multimlp", "width": 32, "depth": 3, "chunk_outputs": 32},
        "loss": "l2",
        "pixels": 512,
        "training": {
            "steps": 400,
            "objects": 16,
            "microbatch": 4,
            "learning_rate": 1.5e-3,
            "geometry_learning_rate": 2.0e-4,
            "schedule": "cosine",
            "warmup": 50,
            "ema": 0.995,
            "clip": 1.0,
        },
    },
    "depth": {
        "relative_noise": [0.4, 2.0],
        "nominal_fraction": 0.5,
        "gradient": 0.3,
        "holes": [0, 20],
        "hole_radius": [1.0, 4.0],
        "footprint_fraction": 0.3,
    },
    "images": 1000,
}
