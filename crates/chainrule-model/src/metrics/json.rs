//! How an evaluation is written: scores by their names, so that a program
//! reads `scores.accuracy`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Detail, Evaluation, Interval, Metric, Resampling, Score, Undefined};

/// An evaluation as it stands in a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Written {
    rows: usize,
    /// Numbers, and null where a score is undefined.
    scores: Map<String, Value>,
    /// Why scores are undefined.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    undefined: Map<String, Value>,
    /// Lower and upper end, for scores that have an interval.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    intervals: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resampling: Option<Resampling>,
    /// The same scores of the baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    baseline: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    baseline_undefined: Map<String, Value>,
    #[serde(flatten)]
    detail: Detail,
}

impl From<Evaluation> for Written {
    fn from(evaluation: Evaluation) -> Written {
        let Evaluation { rows, scores, resampling, detail } = evaluation;
        let values = scores.iter().map(|score| (score.metric, score.value));
        let (written, undefined) = write(values);
        let baseline: Option<Vec<_>> =
            scores.iter().map(|score| score.baseline.map(|value| (score.metric, value))).collect();
        let baseline = baseline.filter(|baseline| !baseline.is_empty());
        let (baseline, baseline_undefined) = match baseline {
            None => (None, Map::new()),
            Some(values) => {
                let (values, undefined) = write(values.into_iter());
                (Some(values), undefined)
            }
        };
        let intervals = scores.iter().filter_map(|score| {
            let Interval { low, high } = score.interval?;
            Some((score.metric.name().to_string(), Value::from(vec![low, high])))
        });
        Written {
            rows,
            scores: written,
            undefined,
            intervals: intervals.collect(),
            resampling,
            baseline,
            baseline_undefined,
            detail,
        }
    }
}

/// Returns numbers by name, and the reasons of those that are none.
fn write(
    values: impl Iterator<Item = (Metric, Result<f64, Undefined>)>,
) -> (Map<String, Value>, Map<String, Value>) {
    let (mut numbers, mut reasons) = (Map::new(), Map::new());
    for (metric, value) in values {
        let name = metric.name().to_string();
        match value {
            Ok(value) => numbers.insert(name, Value::from(value)),
            Err(undefined) => {
                let reason = serde_json::to_value(undefined).unwrap_or_default();
                reasons.insert(name.clone(), reason);
                numbers.insert(name, Value::Null)
            }
        };
    }
    (numbers, reasons)
}

impl TryFrom<Written> for Evaluation {
    type Error = String;

    fn try_from(written: Written) -> Result<Evaluation, String> {
        let Written { rows, resampling, detail, .. } = written;
        let score = |(name, value): (&String, &Value)| -> Result<Option<Score>, String> {
            // A score that came with a later program is none of ours.
            let Some(metric) = Metric::find(name) else { return Ok(None) };
            let baseline = match &written.baseline {
                None => None,
                Some(values) => {
                    let value = values.get(name).unwrap_or(&Value::Null);
                    Some(read(name, value, &written.baseline_undefined)?)
                }
            };
            let interval = match written.intervals.get(name) {
                None => None,
                Some(ends) => Some(
                    serde_json::from_value::<(f64, f64)>(ends.clone())
                        .map(|(low, high)| Interval { low, high })
                        .map_err(|error| format!("the interval of `{name}`: {error}"))?,
                ),
            };
            let value = read(name, value, &written.undefined)?;
            Ok(Some(Score { metric, value, interval, baseline }))
        };
        let scores: Result<Vec<Option<Score>>, String> = written.scores.iter().map(score).collect();
        let scores = scores?.into_iter().flatten().collect();
        Ok(Evaluation { rows, scores, resampling, detail })
    }
}

fn read(
    name: &str,
    value: &Value,
    reasons: &Map<String, Value>,
) -> Result<Result<f64, Undefined>, String> {
    match (value, reasons.get(name)) {
        (Value::Number(number), _) => {
            let number = number.as_f64().ok_or_else(|| format!("`{name}` is no number"))?;
            Ok(Ok(number))
        }
        (Value::Null, Some(reason)) => serde_json::from_value(reason.clone())
            .map(Err)
            .map_err(|error| format!("why `{name}` is undefined: {error}")),
        _ => Err(format!("`{name}` is neither a number nor undefined")),
    }
}
