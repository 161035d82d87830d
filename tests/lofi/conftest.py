"""One thread: the tests are small, and threads that wait for each other are not."""

import torch

torch.set_num_threads(1)
