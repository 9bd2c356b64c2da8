//! A sandbox and a folder for the program.

use std::path::Path;

use flowglad_core::Flowglad;
use flowglad_metering::{
    meter,
    running_meter::{Folder, Start},
    world,
};
use flowglad_sandbox::Sandbox;
use tokio::runtime::Runtime;

/// What a test of the program needs.
pub(crate) struct Scene {
    pub(crate) sandbox: Sandbox,
    pub(crate) start: Start,
    pub(crate) runtime: Runtime,
    _folder: Folder,
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::with_credits(1_000_000_000)
    }

    /// With so many credits a month for each customer.
    pub(crate) fn with_credits(credits: u64) -> Self {
        let runtime = Runtime::new().unwrap();
        let sandbox = runtime.block_on(world::start_with(credits)).unwrap();
        let folder = Folder::new(Path::new(env!("CARGO_TARGET_TMPDIR"))).unwrap();
        let start = Start {
            program: env!("CARGO_BIN_EXE_flowglad-metering").into(),
            base_url: sandbox.base_url().to_owned(),
            api_key: sandbox.api_key().to_owned(),
            folder: folder.path().to_owned(),
            more: Vec::new(),
        };
        Self { sandbox, start, runtime, _folder: folder }
    }

    /// A client in the test's own process, on the same folder.
    pub(crate) fn client(&self) -> Flowglad {
        meter::client(&self.start.base_url, &self.start.api_key, &self.start.folder).unwrap()
    }
}
