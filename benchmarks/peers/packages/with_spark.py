"""Spark's own library: MinHashLSH of MLlib, whose join checks every candidate on its sets."""

import os

from common import Trees
from pyspark.ml.feature import HashingTF, MinHashLSH, NGram, RegexTokenizer
from pyspark.sql import SparkSession
from pyspark.sql.functions import col, size

REQUIREMENTS = ("pyspark", "numpy", "orjson")
SETTINGS = "word 5-shingles hashed to 2**20, MinHashLSH of 3 tables, join at a distance of 0.2; local, two cores"


def clusters(path, folder):
    os.environ["SPARK_LOCAL_DIRS"] = str(folder)
    builder = SparkSession.builder.master("local[2]").config("spark.driver.memory", "5g")
    builder = builder.config("spark.sql.shuffle.partitions", 8).config("spark.ui.enabled", "false")
    spark = builder.config("spark.sql.autoBroadcastJoinThreshold", -1).getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    found = spark.read.schema("id string, text string").json(str(path)).repartition(8)
    words = RegexTokenizer(inputCol="text", outputCol="words", pattern=r"\w+", gaps=False).transform(found)
    shingles = NGram(n=5, inputCol="words", outputCol="shingles").transform(words).where(size("shingles") > 0)
    sets = HashingTF(inputCol="shingles", outputCol="set", numFeatures=1 << 20, binary=True).transform(shingles)
    sets = sets.select("id", "set").cache()
    model = MinHashLSH(inputCol="set", outputCol="hashes", numHashTables=3, seed=1).fit(sets)
    joined = model.approxSimilarityJoin(sets, sets, 0.2, distCol="distance")
    joined = joined.where(col("datasetA.id") < col("datasetB.id"))
    pairs = joined.select(col("datasetA.id").alias("left"), col("datasetB.id").alias("right")).collect()
    ids = [row.id for row in found.select("id").collect()]
    spark.stop()
    return _named(ids, pairs)


def _named(ids, pairs):
    row_of, trees = {name: k for k, name in enumerate(ids)}, Trees(len(ids))
    for pair in pairs:
        trees.join(row_of[pair.left], row_of[pair.right])
    return trees.named(ids)
