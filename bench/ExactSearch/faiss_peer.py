"""Faiss's binary indexes on the codes of ExactSearch: faiss_peer.py DIR BITS COUNT; prints a JSON object a line. Debian's python3-faiss, one thread.

recall: the share of results whose distance is at most that of the true tenth."""
import json, sys, time
import faiss
import numpy as np

folder, bits, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
K = 10
if bits % 64:
    sys.exit(f"Faiss needs whole bytes, this script whole words; got {bits} bits")
codes = np.memmap(f"{folder}/codes.bin", dtype=np.uint8, mode="r").reshape(-1, bits // 8)
queries = np.fromfile(f"{folder}/queries.bin", dtype=np.uint8).reshape(-1, bits // 8)
faiss.omp_set_num_threads(1)


def show(what, **values):
    print(json.dumps({"what": what, "faiss": faiss.__version__, **values}), flush=True)


def timed(index, what, truth=None, calls=100, **values):
    index.search(queries[:2], K)
    times, distances = [], []
    for i in range(calls):
        start = time.perf_counter()
        found, ids = index.search(queries[i:i + 1], K)
        times.append((time.perf_counter() - start) * 1e3)
        distances.append(np.where(ids < 0, 10**6, found)[0])
    if truth is not None:
        values["recall"] = float((np.array(distances) <= truth[:calls, -1:]).mean())
    show(what, milliseconds=float(np.median(times)), p95=float(np.percentile(times, 95)), **values)


def built(index, threads=1):
    faiss.omp_set_num_threads(threads)
    start = time.perf_counter()
    index.add(codes)
    faiss.omp_set_num_threads(1)
    return index, time.perf_counter() - start


flat, _ = built(faiss.IndexBinaryFlat(bits))
timed(flat, "IndexBinaryFlat, 10 nearest", calls=100 if count <= 10_000_000 else 20)
start = time.perf_counter()
truth, _ = flat.search(queries, K)
show("IndexBinaryFlat, batch of 100, 10 nearest, per query", milliseconds=(time.perf_counter() - start) * 1e3 / len(queries))
del flat

if count <= 10_000_000:
    tables, width = (4, 16) if bits == 64 else (8, min(bits // 8, 24))
    index, seconds = built(faiss.IndexBinaryMultiHash(bits, tables, width))
    for flips in range(4):
        index.nflip = flips
        timed(index, f"IndexBinaryMultiHash {tables} x {width}, nflip {flips}, 10 nearest", truth, buildSeconds=seconds)
    del index

if count <= 1_000_000: # longer collections take it many minutes to build
    index = faiss.IndexBinaryHNSW(bits, 16)
    index.hnsw.efConstruction = 64
    index, seconds = built(index, threads=2)
    for ef in (16, 64, 256):
        index.hnsw.efSearch = ef
        timed(index, f"IndexBinaryHNSW M 16, efConstruction 64, efSearch {ef}, 10 nearest", truth, buildSeconds=seconds)
