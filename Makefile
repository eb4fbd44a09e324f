# make test sets up all it needs on a fresh machine and runs every test.

SKIPPED := $(CURDIR)/target/skipped-tests.txt

.PHONY: test test-full lint tools class worksheets bench fuzz asan neon clean

test: tools lint
	@mkdir -p target && rm -f $(SKIPPED)
	CHAINRULE_SKIPPED=$(SKIPPED) cargo test --workspace --quiet
	@tools/report-skipped $(SKIPPED)

# The tests of the program with everything that is heavy to build: PDF, Parquet
# and PNG. The first time it builds them.
test-full: tools
	@mkdir -p target && rm -f $(SKIPPED)
	cargo clippy -p chainrule-cli --all-targets --features full --quiet -- -D warnings
	CHAINRULE_SKIPPED=$(SKIPPED) cargo test -p chainrule-cli --features full --quiet
	@tools/report-skipped $(SKIPPED)

# Formatting, clippy's pedantic lints (the exceptions and their reasons are in
# Cargo.toml) and the links of the documentation.
lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet

tools:
	@tools/install-test-tools

# A class of simulated students: 100000 correct sheets, and 1000 for each mistake,
# as a table. It takes seven minutes on two cores; SEEDS=0..100 chooses a part.
class:
	cargo test --release -p chainrule --test simulated_class -- --ignored --nocapture

# Ten thousand worksheets of every shape: the numbers are as good as promised.
worksheets:
	cargo test --release -p chainrule --test worksheets -- --ignored --nocapture

# The engine beside PyTorch, JAX, scikit-learn and others; what is measured and
# how: bench/README.md; then reading and predicting tables beside polars and
# pandas. The first time it installs them, 6 GB.
bench:
	bench/run
	bench/reading/run

# Ten minutes on each reader: of network files, models, tables, answer sheets and
# schemes; needs a nightly compiler and `cargo install cargo-fuzz`.
fuzz:
	fuzz/run 600
	fuzz/run 600 read_model
	fuzz/run 600 read_table
	fuzz/run 600 mark_sheet
	fuzz/run 600 read_scheme

# The engine's kernels under the address sanitizer, on every instruction set of
# this machine; needs a nightly compiler.
asan:
	@tools/address-sanitizer

# The engine's own tests on 64-bit ARM, played by qemu: two minutes, and once to
# build.
neon:
	@tools/neon

clean:
	cargo clean
