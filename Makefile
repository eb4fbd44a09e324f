# make test sets up all it needs on a fresh machine and runs every test.

SKIPPED := $(CURDIR)/target/skipped-tests.txt

.PHONY: test lint tools fuzz clean

test: tools lint
	@mkdir -p target && rm -f $(SKIPPED)
	CHAINRULE_SKIPPED=$(SKIPPED) cargo test --workspace --quiet
	@tools/report-skipped $(SKIPPED)

# Formatting and clippy's pedantic lints; the exceptions and their reasons are
# in Cargo.toml.
lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings

tools:
	@tools/install-test-tools

# Ten minutes on the reader of network files, and on that of models; needs a
# nightly compiler and `cargo install cargo-fuzz`.
fuzz:
	fuzz/run 600
	fuzz/run 600 read_model

clean:
	cargo clean
