//! The scores there are: names, titles, and which way is better.

/// A score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Metric {
    /// The share of rows predicted right; with several labels, all of them.
    Accuracy,
    /// The mean recall of the classes that occur.
    BalancedAccuracy,
    /// Precision of the positive class: the share of rows predicted so that
    /// are so.
    Precision,
    /// Recall of the positive class: the share of its rows predicted so.
    Recall,
    /// Harmonic mean of precision and recall of the positive class.
    F1,
    /// The mean precision of the classes that occur or are predicted.
    PrecisionMacro,
    /// The mean recall of the classes that occur or are predicted.
    RecallMacro,
    /// The mean F1 of the classes that occur or are predicted.
    F1Macro,
    /// The mean precision, each class weighted by its rows.
    PrecisionWeighted,
    /// The mean recall, each class weighted by its rows.
    RecallWeighted,
    /// The mean F1, each class weighted by its rows.
    F1Weighted,
    /// Precision over all decisions of all labels.
    PrecisionMicro,
    /// Recall over all decisions of all labels.
    RecallMicro,
    /// F1 over all decisions of all labels.
    F1Micro,
    /// The chance that a positive row has a higher probability than another;
    /// with several labels, their mean.
    RocAuc,
    /// The mean over the classes of the area for each class against the rest.
    RocAucOvr,
    /// The same, each class weighted by its rows.
    RocAucOvrWeighted,
    /// The area under the curve of precision and recall, without
    /// interpolation; with several classes or labels, their mean.
    AveragePrecision,
    /// The mean of −ln of the probability of what is true, kept 2.2e-16 away
    /// from 0 and 1; with several labels, their mean.
    LogLoss,
    /// The mean squared distance of the probability from 0 or 1; with more
    /// than two classes, summed over them; with several labels, their mean.
    BrierScore,
    /// The mean distance of probability and frequency in ten bins of equal
    /// width, weighted by their rows (Naeini et al. 2015; Guo et al. 2017).
    CalibrationError,
    /// The Matthews correlation coefficient (Gorodkin 2004 for many classes).
    MatthewsCorrcoef,
    /// The share of wrong decisions over all labels.
    HammingLoss,
    /// The share of the targets' spread that is explained.
    R2,
    /// The root of the mean squared difference.
    Rmse,
    /// The mean absolute difference.
    Mae,
    /// The mean of the difference relative to the target, 0.1 for 10 %.
    Mape,
    /// The mean pinball loss of the quantile τ.
    PinballLoss,
    /// The largest absolute difference.
    MaxError,
}

impl Metric {
    /// Every score.
    pub const ALL: [Metric; 29] = [
        Metric::Accuracy,
        Metric::BalancedAccuracy,
        Metric::Precision,
        Metric::Recall,
        Metric::F1,
        Metric::PrecisionMacro,
        Metric::RecallMacro,
        Metric::F1Macro,
        Metric::PrecisionWeighted,
        Metric::RecallWeighted,
        Metric::F1Weighted,
        Metric::PrecisionMicro,
        Metric::RecallMicro,
        Metric::F1Micro,
        Metric::RocAuc,
        Metric::RocAucOvr,
        Metric::RocAucOvrWeighted,
        Metric::AveragePrecision,
        Metric::LogLoss,
        Metric::BrierScore,
        Metric::CalibrationError,
        Metric::MatthewsCorrcoef,
        Metric::HammingLoss,
        Metric::R2,
        Metric::Rmse,
        Metric::Mae,
        Metric::Mape,
        Metric::PinballLoss,
        Metric::MaxError,
    ];

    /// Returns the name used in files and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Metric::Accuracy => "accuracy",
            Metric::BalancedAccuracy => "balanced_accuracy",
            Metric::Precision => "precision",
            Metric::Recall => "recall",
            Metric::F1 => "f1",
            Metric::PrecisionMacro => "precision_macro",
            Metric::RecallMacro => "recall_macro",
            Metric::F1Macro => "f1_macro",
            Metric::PrecisionWeighted => "precision_weighted",
            Metric::RecallWeighted => "recall_weighted",
            Metric::F1Weighted => "f1_weighted",
            Metric::PrecisionMicro => "precision_micro",
            Metric::RecallMicro => "recall_micro",
            Metric::F1Micro => "f1_micro",
            Metric::RocAuc => "roc_auc",
            Metric::RocAucOvr => "roc_auc_ovr",
            Metric::RocAucOvrWeighted => "roc_auc_ovr_weighted",
            Metric::AveragePrecision => "average_precision",
            Metric::LogLoss => "log_loss",
            Metric::BrierScore => "brier_score",
            Metric::CalibrationError => "expected_calibration_error",
            Metric::MatthewsCorrcoef => "matthews_corrcoef",
            Metric::HammingLoss => "hamming_loss",
            Metric::R2 => "r2",
            Metric::Rmse => "rmse",
            Metric::Mae => "mae",
            Metric::Mape => "mape",
            Metric::PinballLoss => "pinball_loss",
            Metric::MaxError => "max_error",
        }
    }

    /// Returns the name that people read.
    pub fn title(self) -> &'static str {
        match self {
            Metric::Accuracy => "accuracy",
            Metric::BalancedAccuracy => "balanced accuracy",
            Metric::Precision => "precision",
            Metric::Recall => "recall",
            Metric::F1 => "F1",
            Metric::PrecisionMacro => "precision, macro",
            Metric::RecallMacro => "recall, macro",
            Metric::F1Macro => "F1, macro",
            Metric::PrecisionWeighted => "precision, weighted",
            Metric::RecallWeighted => "recall, weighted",
            Metric::F1Weighted => "F1, weighted",
            Metric::PrecisionMicro => "precision, micro",
            Metric::RecallMicro => "recall, micro",
            Metric::F1Micro => "F1, micro",
            Metric::RocAuc => "ROC-AUC",
            Metric::RocAucOvr => "ROC-AUC, one against rest",
            Metric::RocAucOvrWeighted => "ROC-AUC, weighted",
            Metric::AveragePrecision => "average precision (PR-AUC)",
            Metric::LogLoss => "log loss",
            Metric::BrierScore => "Brier score",
            Metric::CalibrationError => "calibration error",
            Metric::MatthewsCorrcoef => "Matthews correlation",
            Metric::HammingLoss => "Hamming loss",
            Metric::R2 => "R²",
            Metric::Rmse => "RMSE",
            Metric::Mae => "MAE",
            Metric::Mape => "MAPE",
            Metric::PinballLoss => "pinball loss",
            Metric::MaxError => "largest error",
        }
    }

    /// Returns the score of a name.
    pub fn find(name: &str) -> Option<Metric> {
        Metric::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// Tells whether a higher value is better.
    pub fn is_higher_better(self) -> bool {
        !matches!(
            self,
            Metric::LogLoss
                | Metric::BrierScore
                | Metric::CalibrationError
                | Metric::HammingLoss
                | Metric::Rmse
                | Metric::Mae
                | Metric::Mape
                | Metric::PinballLoss
                | Metric::MaxError
        )
    }
}
