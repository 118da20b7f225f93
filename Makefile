# Everything a fresh Debian machine with Go, gcc, JDK 17, Maven, Python and Node needs to build, run and test.
# The names and versions of what is installed: Debian packages and tools here, Java servers in
# test/servers/java/pom.xml, Go modules in go.mod.
.DEFAULT_GOAL := help
SHELL         := /bin/bash -euo pipefail

DEBIAN        := postgresql redis-server chromium docker.io musl-tools ca-certificates fish zsh
UV            := uv==0.13.9
COMPOSE       := github.com/docker/compose/v2@v2.40.3
FILEBEAT      := github.com/elastic/beats/v7@v7.17.29
GOLANGCI_LINT := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GREMLINS      := github.com/go-gremlins/gremlins/cmd/gremlins@v0.6.0

# Limits of `make test`; FUZZTIME is for each fuzz target; FAULTS_LOOPS is how often each fault is tried for once in `make test`.
TEST_FLAGS ?= -p 2 -timeout 20m
FUZZTIME   ?= 1m
FAULTS_LOOPS ?= 10
BENCH_FLAGS ?= -benchmem

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

CACHE := .cache
STACK := $(CACHE)/stack
TOOLS := $(CACHE)/bin
WITH  := $(TOOLS)/withservers

.PHONY: help
help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/senmeteo
	go build -ldflags '-X main.version=$(VERSION)' -o bin/senmeteo ./jobs

.PHONY: run
run: build ## run the whole pipeline in one process, on this machine alone
	bin/senmeteo up

.PHONY: test
test: deps $(WITH) ## run all tests against the real servers
	$(WITH) -- bash -c 'status=0; go test $(TEST_FLAGS) ./... || status=$$?; $(PYTEST) -m "not browser" || status=$$?; exit $$status'

.PHONY: airflow-test
airflow-test: deps $(WITH) ## run the DAGs in a real Airflow, and look at its pages
	$(WITH) -- $(PYTEST) -m airflow

.PHONY: lint
lint: $(CACHE)/golangci-lint.stamp $(CACHE)/airflow-venv.stamp ## check style, words, imports and formatting
	$(TOOLS)/golangci-lint run ./...
	go test -count=1 ./test/style ./test/licences
	$(AIRFLOW)/bin/ruff check
	$(AIRFLOW)/bin/ruff format --check

.PHONY: licences
licences: ## list every linked module with its licence, and compare with NOTICE
	go test -count=1 -v -run TestEveryLinkedModule ./test/licences

# JOB names one job, or several with commas; BENCH_DAYS is the workload, 2,016 readings a day; BEFORE is another build of the program,
# measured beside this one; PEERS=1 measures the peers in PySpark too.
JOB        ?=
ROUNDS     ?= 3
BENCH_DAYS ?= 496
BEFORE     ?=
PEERS      ?=
SPARK      := $(CACHE)/spark
.PHONY: bench
bench: packages $(CACHE)/java.stamp $(if $(PEERS),$(SPARK).stamp) build ## measure the jobs and their limits on the real servers: JOB=to-pg ROUNDS=3 BENCH_DAYS=496
	@go build -o $(TOOLS)/bench ./test/bench/cmd/bench
	$(TOOLS)/bench --jobs '$(JOB)' --rounds $(ROUNDS) --days $(BENCH_DAYS) --before '$(BEFORE)' --peers '$(if $(PEERS),$(SPARK))' --out $(CACHE)/results.json

# GROWTH are numbers of readings; 10000000 may be one of them, and takes long.
GROWTH ?= 100000,1000000
.PHONY: bench-growth
bench-growth: packages $(CACHE)/java.stamp build ## measure how the cost grows with readings, stations, partitions and what is stored
	@go build -o $(TOOLS)/bench ./test/bench/cmd/bench
	$(TOOLS)/bench --growth $(GROWTH) --jobs '$(JOB)' --rounds $(ROUNDS) --out $(CACHE)/growth.json

$(SPARK).stamp: test/bench/spark/requirements.txt test/bench/spark/pom.xml
	@python3 -c 'import ensurepip' 2>/dev/null || test/servers/install-debian python3-venv
	@rm -rf $(SPARK)
	@python3 -m venv $(SPARK)/venv
	@$(SPARK)/venv/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@mvn --quiet --batch-mode --file test/bench/spark -Djars=$(CURDIR)/$(SPARK)/jars package
	@cd $(SPARK) && jar --extract --file $$(ls venv/lib/python3*/site-packages/pyspark/jars/snappy-java-*.jar) org/xerial/snappy/native/Linux
	@touch $@

.PHONY: bench-packages
bench-packages: deps $(WITH) ## measure single packages by their Go benchmarks
	$(WITH) -- go test -p 1 -run '^$$' -bench . $(BENCH_FLAGS) ./jobs/...

# The measured data are not in the repository; docs/forecasts.md describes them.
.PHONY: forecast-scores
forecast-scores: ## compare the scores of forecasts with docs/forecasts.md: DAILY=daily.csv.gz, TEN_MINUTES=temperatures.csv.gz
	@[ -n "$(DAILY)$(TEN_MINUTES)" ] || { echo "name a file of measured readings: make forecast-scores DAILY=daily.csv.gz (docs/forecasts.md)" >&2; exit 1; }
	SENMETEO_DAILY=$(abspath $(DAILY)) SENMETEO_TEN_MINUTES=$(abspath $(TEN_MINUTES)) \
		go test -count=1 -v -run 'OfMeasured' ./jobs/forecast ./jobs/forecast/backtest

.PHONY: quality-scores
quality-scores: ## compare the scores of quality control with docs/quality-control.md: TEN_MINUTES=readings.csv.gz
	@[ -n "$(TEN_MINUTES)" ] || { echo "name a file of measured readings: make quality-scores TEN_MINUTES=readings.csv.gz (docs/quality-control.md)" >&2; exit 1; }
	SENMETEO_TEN_MINUTES=$(abspath $(TEN_MINUTES)) go test -count=1 -v -run 'OfMeasured' ./jobs/score

.PHONY: faults
faults: deps $(WITH) ## break every part of the pipeline again and again, and print what was lost and doubled
	SENMETEO_FAULTS_LOOPS=$(FAULTS_LOOPS) $(WITH) -- go test -count=1 -v -timeout 3h ./test/faults

# All targets run, whatever becomes of one; those that failed are named at the end. Go's fuzzing sometimes ends with "context deadline
# exceeded" when its time is over: that alone, without a failing input, is not a failure. FUZZ narrows the folders.
# Pages of HTML would spend all of the time on being made shorter for the corpus: only some tries are for that.
FUZZ ?= docker jobs test
.PHONY: fuzz
fuzz: ## fuzz every Fuzz function for FUZZTIME
	@mkdir -p $(CACHE); failed=; targets=$$(grep --recursive --include='*_test.go' --only-matching '^func Fuzz[A-Za-z0-9_]*' $(FUZZ)); \
	for target in $${targets// /@}; do \
		dir=$$(dirname "$${target%%:*}"); name=$${target##*@}; \
		echo "== $$dir $$name"; \
		if ! go test "./$$dir" -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 20x 2>&1 | tee $(CACHE)/fuzz.log; then \
			grep --quiet '^    context deadline exceeded' $(CACHE)/fuzz.log && ! grep --quiet 'Failing input' $(CACHE)/fuzz.log || failed="$$failed $$dir:$$name"; \
		fi; \
	done; \
	if [ -n "$$failed" ]; then echo "these failed:$$failed" >&2; exit 1; fi

# Changes the code of packages that need no server, and looks whether their tests notice; MUTATE narrows the packages,
# and MUTATE_FILES their files by a regular expression.
MUTATE ?= jobs/meteo jobs/shape jobs/reconcile jobs/flow jobs/format/csv jobs/clean
.PHONY: mutate
mutate: $(CACHE)/gremlins.stamp ## measure how many changes of the code the tests notice
	SENMETEO_MUTANTS='$(MUTATE)' SENMETEO_MUTANTS_FILES='$(MUTATE_FILES)' SENMETEO_MUTANTS_GREMLINS=$(CURDIR)/$(TOOLS)/gremlins \
		go test -count=1 -v -timeout 6h -run TestTheTestsKillTheMutants ./test/mutants

.PHONY: image
image: packages ## build the container image of the jobs
	VERSION=$(VERSION) docker/image senmeteo senmeteo:local

# In a network of its own, so that no port of this machine is in the way. Needs root.
.PHONY: compose-test
compose-test: deps $(CACHE)/compose/base.tar ## start docker-compose.yml with images of this machine, and run the DAGs on it
	@test/servers/install-debian iproute2 iptables
	unshare --net -- sh -c 'ip link set lo up && exec go test -tags stack -count=1 -v -timeout 30m -run TestTheStack ./test/compose'

$(CACHE)/compose/base.tar: test/compose/base
	@test/servers/install-debian debootstrap
	@$< $@

.PHONY: secrets
secrets: ## write .env and secrets/ for docker-compose.yml, with random passwords; what exists is kept
	@docker/make-secrets

# Only the addresses go to standard output.
.PHONY: stack
stack: $(WITH) ## start the real servers in the background and print their addresses
	@$(MAKE) --no-print-directory deps >&2
	@$(WITH) --stack $(STACK)

.PHONY: stack-down
stack-down: $(WITH) ## stop them
	@$(WITH) --down $(STACK)

# These write to standard error only: what `make stack` prints is for a shell to read.
.PHONY: deps
deps: packages venv airflow compose filebeat $(CACHE)/java.stamp ## install what the tests need

.PHONY: packages
packages:
	@test/servers/install-debian $(DEBIAN)

.PHONY: $(WITH)
$(WITH):
	@go build -o $@ ./test/servers/cmd/withservers

JAVA := test/servers/java
$(CACHE)/java.stamp: $(shell find $(JAVA) -type f)
	@rm -rf $(CACHE)/java.new
	@mvn --quiet --batch-mode --file $(JAVA) -Dcache=$(CURDIR)/$(CACHE)/java.new package
	@rm -rf $(CACHE)/java && mv $(CACHE)/java.new $(CACHE)/java
	@touch $@

# Readers of Parquet, and decoders of weather codes, other than our own.
.PHONY: venv
venv: $(CACHE)/venv.stamp

$(CACHE)/venv.stamp: test/requirements.txt
	@python3 -c 'import ensurepip' 2>/dev/null || test/servers/install-debian python3-venv
	@python3 -m venv $(CACHE)/venv
	@$(CACHE)/venv/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

# Airflow, and what checks and tests of the DAGs need. The lock files hold hashes: pip refuses anything else.
AIRFLOW       := $(CACHE)/airflow-venv
PYTEST        := $(AIRFLOW)/bin/pytest dags/tests
AIRFLOW_LOCKS := dags/requirements.txt dags/tests/requirements.txt

.PHONY: airflow
airflow: $(CACHE)/airflow-venv.stamp

$(CACHE)/airflow-venv.stamp: $(AIRFLOW_LOCKS)
	@python3 -c 'import ensurepip' 2>/dev/null || test/servers/install-debian python3-venv
	@rm -rf $(AIRFLOW)
	@python3 -m venv $(AIRFLOW)
	@$(AIRFLOW)/bin/pip install --quiet --disable-pip-version-check --no-deps $(AIRFLOW_LOCKS:%=--requirement %)
	@touch $@

# The notebooks, explore.py and their tests. What is installed here is what the image of JupyterLab has.
NOTEBOOKS       := $(CACHE)/notebooks
NOTEBOOKS_LOCKS := notebooks/requirements.txt notebooks/tests/requirements.txt
UPDATE          ?=
.PHONY: notebooks-test
notebooks-test: packages $(CACHE)/java.stamp $(CACHE)/notebooks.stamp $(WITH) ## run the notebooks and explore.py on the real servers: UPDATE=1 stores the outputs
	$(WITH) --only kafka,postgres,hdfs,elasticsearch -- $(NOTEBOOKS)/bin/pytest $(if $(UPDATE),--update) notebooks/tests

$(CACHE)/notebooks.stamp: $(NOTEBOOKS_LOCKS)
	@python3 -c 'import ensurepip' 2>/dev/null || test/servers/install-debian python3-venv
	@rm -rf $(NOTEBOOKS)
	@python3 -m venv $(NOTEBOOKS)
	@$(NOTEBOOKS)/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes $(NOTEBOOKS_LOCKS:%=--requirement %)
	@touch $@

.PHONY: lock
lock: ## pin again what dags/*.in and notebooks/*.in ask for
	@python3 -m venv $(CACHE)/uv && $(CACHE)/uv/bin/pip install --quiet --disable-pip-version-check $(UV)
	@for file in $(AIRFLOW_LOCKS) $(NOTEBOOKS_LOCKS); do \
		$(CACHE)/uv/bin/uv pip compile --quiet --python-version 3.11 --generate-hashes \
			--custom-compile-command 'make lock' "$${file%.txt}.in" --output-file "$$file"; \
	done

# Docker's compose program, from its source, as there is no package of it in Debian 12; takes some minutes the first time. Its
# module has exclude directives, which `go install` refuses, so it is built where the module cache has it.
.PHONY: compose
compose: $(CACHE)/compose-$(lastword $(subst @, ,$(COMPOSE))).stamp

$(CACHE)/compose-%.stamp:
	@dir=$$(go mod download -json $(COMPOSE) | sed -n 's/^\t"Dir": "\(.*\)",$$/\1/p'); \
	CGO_ENABLED=0 go build -C "$$dir" -mod=readonly -trimpath -ldflags '-s -w -X github.com/docker/compose/v2/internal.Version=$*' \
		-o $(CURDIR)/$(TOOLS)/docker-compose ./cmd
	@touch $@

# Filebeat, from the last version that the Go module proxy has; takes some minutes the first time. Its module has replace directives.
.PHONY: filebeat
filebeat: $(CACHE)/filebeat-$(lastword $(subst @, ,$(FILEBEAT))).stamp

$(CACHE)/filebeat-%.stamp:
	@dir=$$(go mod download -json $(FILEBEAT) | sed -n 's/^\t"Dir": "\(.*\)",$$/\1/p'); \
	CGO_ENABLED=0 go build -C "$$dir" -mod=readonly -trimpath -ldflags '-s -w' -o $(CURDIR)/$(TOOLS)/filebeat ./filebeat
	@touch $@

$(CACHE)/gremlins.stamp: Makefile
	@rm -f $@
	GOBIN=$(CURDIR)/$(TOOLS) go install $(GREMLINS)
	@touch $@

# Built from source, with the Go of go.mod; takes some minutes the first time.
$(CACHE)/golangci-lint.stamp: Makefile
	@rm -f $@
	GOBIN=$(CURDIR)/$(TOOLS) go install $(GOLANGCI_LINT)
	@touch $@
