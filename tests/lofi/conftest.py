"""One thread, or as many as OMP_NUM_THREADS says: the tests are small, and threads that wait for each other are not."""

import os

import torch

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
