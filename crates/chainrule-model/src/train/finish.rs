//! From a course that has ended to a model with its record.

use super::{Course, Error, Selection};
use crate::encoder::Target;
use crate::metrics::baseline;
use crate::model::{Data, Model, Training};
use crate::recipe::{Recipe, SETTINGS};

/// What a record says that a course does not know.
#[derive(Clone, Debug, Default)]
pub struct Finished {
    /// The program and its version.
    pub program: String,
    /// The command that trains the same model again.
    pub command: Option<String>,
    /// The [`Fingerprint`](crate::model::Fingerprint) of the table.
    pub fingerprint: String,
}

impl Course {
    /// Makes the model, with a record of how it came about.
    ///
    /// # Errors
    /// If the selection is not the one the course was made of.
    pub fn model(
        &self,
        recipe: &Recipe,
        selection: Selection<'_>,
        finished: Finished,
    ) -> Result<Model, Error> {
        let Selection { table, split, .. } = selection;
        let (training_rows, validation_rows) = self.counts();
        let data = Data {
            name: table.name.clone(),
            fingerprint: finished.fingerprint.clone(),
            training_rows: training_rows as u64,
            validation_rows: validation_rows as u64,
            columns: table.columns.len() as u64,
        };
        let baseline = self.baseline(table, &split.training)?;
        Ok(self.recorded(recipe, data, baseline, finished))
    }

    /// Makes the model, with a record of what it was trained on.
    pub(crate) fn recorded(
        &self,
        recipe: &Recipe,
        data: Data,
        baseline: Vec<f64>,
        finished: Finished,
    ) -> Model {
        let history = self.history();
        let losses = &history.validation_loss;
        let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
        let best = losses.iter().position(|&loss| loss == least);
        let training = Training {
            program: finished.program,
            command: finished.command,
            seed: recipe.seed,
            learning_rate: history.learning_rate.last().copied().unwrap_or_default(),
            settings: self.record_settings(recipe),
            data,
            history: history.into(),
            best_epoch: best.filter(|_| recipe.patience.is_some()).map(|epoch| epoch + 1),
            baseline,
            validation: None,
            tuning: None,
        };
        let (weights, encoder) = (self.weights(), self.encoder.clone());
        let model = Model::new(weights, self.settings().loss, encoder, training);
        model.expect("a course has an encoder that fits its network")
    }

    /// Returns the recipe with what `auto` became.
    pub(crate) fn settled(&self, recipe: &Recipe) -> Recipe {
        let mut settled = recipe.clone();
        let layers = self.architecture().layers();
        let hidden = &layers[..layers.len() - 1];
        settled.hidden = Some(hidden.iter().map(|layer| layer.width).collect());
        settled.loss = Some(self.settings().loss);
        settled.learning_rate = Some(self.settings().learning_rate);
        settled.weight_decay = Some(self.settings().decay);
        settled.batch = Some(self.settings().batch_size);
        settled
    }

    /// Spells the recipe, with what `auto` became.
    fn record_settings(&self, recipe: &Recipe) -> serde_json::Map<String, serde_json::Value> {
        let settled = self.settled(recipe);
        let spelled = |name| settled.spell(name).expect("every setting is spelt");
        // The number of threads changes nothing, so that it is no part of it.
        let kept = SETTINGS.iter().filter(|setting| setting.name != "threads");
        kept.map(|setting| (setting.name.to_string(), spelled(setting.name).into())).collect()
    }

    /// Returns the constant prediction to compare with.
    pub(crate) fn baseline(
        &self,
        table: &crate::table::Table,
        rows: &[u32],
    ) -> Result<Vec<f64>, Error> {
        let targets = self.encoder.read_targets(table)?;
        let target = self.encoder.target();
        Ok(match target {
            Target::Classes { .. } | Target::OneHot { .. } => {
                let classes = targets.classes(rows).into_iter();
                let classes: Vec<u32> = classes
                    .map(|class| u32::try_from(class).expect("labels have codes of 32 bits"))
                    .collect();
                baseline::class_shares(&classes, target.labels().len())
            }
            Target::Numbers { .. } | Target::YesNo { .. } => {
                baseline::means(&targets.numbers(rows), target.outputs())
            }
        })
    }
}
