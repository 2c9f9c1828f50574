//! The Lambda function `connect-vpc`: the consumer side.

/// Runs the function.
///
/// # Errors
///
/// If the environment lacks something or the runtime API cannot be reached.
pub async fn run() -> Result<(), lambda_runtime::Error> {
    aws::function::run(aws::Side::ConnectVpc).await
}
