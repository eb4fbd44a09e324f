//! Fast outputs of a network that no longer changes.

use chainrule::loss::Loss;

use crate::aligned::Aligned;
use crate::architecture::Architecture;
use crate::batch::{Block, Plan};
use crate::data::{Rows, Table};
use crate::error::Error;
use crate::kernels::{Isa, Online, collect, predict_one};
use crate::network::Network;
use crate::objective::Objective;
use crate::real::Real;

/// The rows computed at once.
const ROWS: usize = 240;

/// A network laid out for the kernels, with room for a block of rows.
///
/// ```
/// use chainrule::activation::Activation;
/// use chainrule_engine::architecture::{Architecture, LayerSpec};
/// use chainrule_engine::initialise::Initialisation;
/// use chainrule_engine::network::Network;
///
/// let shape = Architecture::new(2, [LayerSpec::new(3, Activation::Softmax)])?;
/// let network = Network::<f32>::new(shape, Initialisation::default(), 1);
/// let mut predictor = network.predictor();
/// let one = predictor.predict(&[0.5, -1.0])?;
/// let both = predictor.predict(&[0.25, 0.0, 0.5, -1.0])?;
/// assert_eq!(both[3..], one);
/// # Ok::<(), chainrule_engine::error::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Predictor<T> {
    plan: Plan,
    objective: Objective,
    parameters: Aligned<T>,
    /// For a row alone.
    online: Online<T>,
    block: Block<T>,
    capacity: usize,
}

impl<T: Real> Predictor<T> {
    pub(crate) fn new(network: &Network<T>) -> Predictor<T> {
        Predictor::with_isa(network, Isa::of_network::<T>(network.architecture()))
    }

    pub(crate) fn with_isa(network: &Network<T>, isa: Isa) -> Predictor<T> {
        let plan = Plan::new::<T>(network.architecture(), isa);
        let parameters = plan.layout.packed(network.parameters());
        let last = network.architecture().output_layer();
        // The loss plays no part in outputs.
        let objective = Objective::new(last.activation, Loss::HalfSquared, last.width);
        let block = Block::for_prediction(&plan, 1);
        let online = Online::new(&plan.layout, false);
        Predictor { plan, objective, parameters, online, block, capacity: 1 }
    }

    /// Returns the architecture of the network.
    pub fn architecture(&self) -> &Architecture {
        &self.plan.architecture
    }

    /// Returns the outputs for rows of inputs.
    ///
    /// # Shapes
    /// - `inputs`: (rows, inputs), the result: (rows, outputs)
    ///
    /// # Errors
    /// If the length is no multiple of the number of inputs.
    pub fn predict(&mut self, inputs: &[T]) -> Result<Vec<T>, Error> {
        let rows = inputs.len() / self.plan.architecture.inputs();
        let mut outputs = vec![T::ZERO; rows * self.plan.architecture.outputs()];
        self.predict_into(inputs, &mut outputs)?;
        Ok(outputs)
    }

    /// Writes the outputs for rows of inputs.
    ///
    /// Allocates only when it is given more rows than ever before, up to a
    /// block of 240.
    ///
    /// # Shapes
    /// - `inputs`: (rows, inputs), `outputs`: (rows, outputs)
    ///
    /// # Errors
    /// If a length is no multiple of the number of inputs or outputs, or they
    /// are not of the same number of rows.
    #[inline]
    pub fn predict_into(&mut self, inputs: &[T], outputs: &mut [T]) -> Result<(), Error> {
        if self.online.is_of(inputs, outputs) {
            predict_one(self.plan.isa, &mut self.online, &self.parameters, inputs, outputs);
            return Ok(());
        }
        self.predict_rows(inputs, outputs)
    }

    // Apart, so that one sample has little to do with it.
    #[inline(never)]
    fn predict_rows(&mut self, inputs: &[T], outputs: &mut [T]) -> Result<(), Error> {
        let (width, output_width) =
            (self.plan.architecture.inputs(), self.plan.architecture.outputs());
        let rows = inputs.len() / width;
        let check = |what, found: usize, expected: usize| {
            if found == expected { Ok(()) } else { Err(Error::Length { what, found, expected }) }
        };
        check("inputs", inputs.len(), rows * width)?;
        check("outputs", outputs.len(), rows * output_width)?;
        if rows > self.capacity {
            self.capacity = ROWS.min(rows);
            self.block = Block::for_prediction(&self.plan, self.capacity);
        }
        let inputs = inputs.chunks(self.capacity * width);
        for (inputs, outputs) in inputs.zip(outputs.chunks_mut(self.capacity * output_width)) {
            let rows = inputs.len() / width;
            self.block.begin(rows, None);
            let rows = Rows::Range(0, rows);
            self.block.set_inputs(&self.plan, Table { values: inputs, columns: width, rows });
            self.block.predict(&self.plan, &self.objective, &self.parameters);
            for (row, outputs) in outputs.chunks_exact_mut(output_width).enumerate() {
                collect(self.plan.isa, self.block.outputs(&self.plan), row, outputs);
            }
        }
        Ok(())
    }
}
