mod diagnostics;

fn main() {}
