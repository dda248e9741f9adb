# make          set up and build          make demo   the whole chain on Fashion-MNIST, into demo/
# make test     every test                make bench  a training step against Python on the same libtorch; exact search against Faiss, in an index folder and in PostgreSQL

.PHONY: build setup test demo bench clean

build: setup
	@dotnet build src/Tern.Cli -c Release --nologo -v q -clp:ErrorsOnly

setup:
	@scripts/setup.sh build

test:
	@scripts/setup.sh test
	@scripts/test.sh

demo:
	@scripts/setup.sh demo
	@dotnet build src/Tern.Cli -c Release --nologo -v q -clp:ErrorsOnly
	@scripts/demo.sh

bench: build
	@scripts/setup.sh bench
	@bench/training-step.sh
	@bench/search.sh
	@bench/postgres.sh
	@bench/index.sh

clean:
	rm -rf artifacts demo runs
