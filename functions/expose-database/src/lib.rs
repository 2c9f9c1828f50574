//! The Lambda function `expose-database`: the provider side.

/// Runs the function.
///
/// # Errors
///
/// If the environment lacks something or the runtime API cannot be reached.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    aws::function::run(aws::Side::ExposeDatabase).await
}
