//! A model: its file, its predictions, its worked view, its exports.

mod export;
mod file;
mod hostile;
mod predict;
mod safetensors;
mod support;
mod worked;
