"""Lists by models of RecTools; runs in RecTools' own virtual environment, see peers.py.

`python rectools_lists.py FOLDER K SETTINGS`: FOLDER has training.csv (user_id, item_id, stars) and users.csv (user_id);
SETTINGS is JSON with ease (λ) and als (factors, regularization, alpha, iterations). Writes FOLDER/<model>.csv (user_id,
item_id, rank) and prints a line of JSON: the seconds of each model, fit and lists.
"""

import json
import sys
import time
from pathlib import Path

import pandas as pd
from implicit.cpu.als import AlternatingLeastSquares
from rectools import Columns
from rectools.dataset import Dataset
from rectools.models import EASEModel, ImplicitALSWrapperModel

folder, k, settings = Path(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3])
training = pd.read_csv(folder / "training.csv")
users = pd.read_csv(folder / "users.csv")["user_id"]
watched = training.assign(**{Columns.Datetime: "2000-01-01", Columns.Weight: 1.0})
# a weight is the confidence of a rating, see spark_jobs/models/transforms/mllib.py
confidence = 1.0 + settings["als"].pop("alpha") * (training["stars"] - 2.0).clip(lower=0.1)
liked = watched.assign(**{Columns.Weight: confidence})
models = {
    "ease": (EASEModel(settings["ease"]), watched),
    "als": (ImplicitALSWrapperModel(AlternatingLeastSquares(**settings["als"], random_state=1)), liked),
}
seconds = {}
for name, (model, interactions) in models.items():
    began = time.perf_counter()
    dataset = Dataset.construct(interactions.drop(columns="stars"))
    model.fit(dataset)
    known = users[users.isin(training["user_id"])].to_numpy()
    lists = model.recommend(users=known, dataset=dataset, k=k, filter_viewed=True)
    seconds[name] = time.perf_counter() - began
    lists[["user_id", "item_id", "rank"]].to_csv(folder / f"{name}.csv", index=False)
print(json.dumps(seconds))
