//! As much of Amazon CloudWatch as the template's alarms need: metrics, and the states of alarms.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, Key, KeyName, Metadata, Recorder, SharedString,
    Unit,
};
use serde_json::Value;

/// A metric: its namespace, name and dimensions.
type Metric = (String, String, BTreeMap<String, String>);

/// What was measured, and how the alarms stand.
#[derive(Default)]
pub struct CloudWatch {
    data: BTreeMap<Metric, Vec<(Timestamp, f64)>>,
    states: BTreeMap<String, bool>,
}

impl CloudWatch {
    /// A data point.
    pub fn put(&mut self, metric: (&str, &str, &[(&str, &str)]), at: Timestamp, value: f64) {
        let (namespace, name, dimensions) = metric;
        let dimensions = dimensions.iter().map(|(key, value)| ((*key).into(), (*value).into()));
        let metric = (namespace.to_owned(), name.to_owned(), dimensions.collect());
        self.data.entry(metric).or_default().push((at, value));
    }

    /// The names of the alarms that ring at this time; it is looked at every time that something
    /// may have changed.
    pub fn ringing(&mut self, resources: &BTreeMap<String, Value>, at: Timestamp) -> Vec<String> {
        for (id, resource) in resources {
            if resource["Type"] != "AWS::CloudWatch::Alarm" {
                continue;
            }
            let was = self.states.get(id).copied().unwrap_or_default();
            let rings = self.rings(&resource["Properties"], at, was);
            self.states.insert(id.clone(), rings);
        }
        self.states.iter().filter(|(_, rings)| **rings).map(|(id, _)| id.clone()).collect()
    }

    /// An alarm rings if all of its last periods breach (Amazon CloudWatch User Guide, Alarm
    /// evaluation); what is missing breaches, does not, or leaves it as it was.
    fn rings(&self, alarm: &Value, at: Timestamp, was: bool) -> bool {
        let count = number(&alarm["EvaluationPeriods"]) as usize;
        // CloudWatch reads further back than it evaluates, to know what was before.
        let points = match alarm["Metrics"].as_array() {
            Some(metrics) => self.expression(metrics, count + 5, at),
            None => self.points(alarm, &alarm["Statistic"], count, at),
        };
        let points = &points[points.len() - count..];
        let breaches = |value: f64| match alarm["ComparisonOperator"].as_str() {
            Some("GreaterThanThreshold") => value > number(&alarm["Threshold"]),
            Some("LessThanThreshold") => value < number(&alarm["Threshold"]),
            other => panic!("no alarm compares by {other:?}"),
        };
        match (points.iter().all(Option::is_none), alarm["TreatMissingData"].as_str()) {
            (true, Some("ignore")) => was,
            (_, treat) => points.iter().all(|point| match (point, treat) {
                (Some(value), _) => breaches(*value),
                (None, treat) => treat == Some("breaching"),
            }),
        }
    }

    /// The last periods of a metric, the oldest first; `None` where there is no data.
    fn points(
        &self,
        metric: &Value,
        statistic: &Value,
        count: usize,
        at: Timestamp,
    ) -> Vec<Option<f64>> {
        let dimensions = metric["Dimensions"].as_array().into_iter().flatten();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let dimensions = dimensions.map(|one| (text(&one["Name"]), text(&one["Value"])));
        let key = (text(&metric["Namespace"]), text(&metric["MetricName"]), dimensions.collect());
        let data = self.data.get(&key).map(Vec::as_slice).unwrap_or_default();
        let period = SignedDuration::from_secs(number(&metric["Period"]) as i64);
        (0..count)
            .rev()
            .map(|back| {
                let end = at - period * i32::try_from(back).expect("few");
                let within = data.iter().filter(|(when, _)| *when <= end && *when > end - period);
                let values: Vec<f64> = within.map(|(_, value)| *value).collect();
                (!values.is_empty()).then(|| match statistic.as_str() {
                    Some("Sum") => values.iter().sum(),
                    Some("Maximum") => values.iter().copied().fold(f64::MIN, f64::max),
                    other => panic!("no alarm takes the {other:?}"),
                })
            })
            .collect()
    }

    /// The two expressions that the template has (Amazon CloudWatch User Guide, Metric math syntax
    /// and functions).
    fn expression(&self, metrics: &[Value], count: usize, at: Timestamp) -> Vec<Option<f64>> {
        let read = |metric: &Value| {
            let stat = &metric["MetricStat"];
            let mut of = stat["Metric"].clone();
            of["Period"] = stat["Period"].clone();
            self.points(&of, &stat["Stat"], count, at)
        };
        let series: Vec<_> =
            metrics.iter().filter(|metric| metric["MetricStat"].is_object()).map(read).collect();
        let expression = metrics.iter().find_map(|metric| metric["Expression"].as_str());
        match expression.expect("there is one") {
            "SUM(METRICS())" => (0..count)
                .map(|n| series.iter().filter_map(|points| points[n]).reduce(|a, b| a + b))
                .collect(),
            "DIFF(FILL(FILL(letters, REPEAT), 0))" => {
                let mut last = 0.0;
                let filled = series[0].iter().map(|point| {
                    last = point.unwrap_or(last);
                    last
                });
                let filled: Vec<f64> = filled.collect();
                let difference = filled.windows(2).map(|pair| Some(pair[1] - pair[0]));
                std::iter::once(None).chain(difference).collect()
            }
            other => panic!("nobody knows {other}"),
        }
    }
}

fn number(value: &Value) -> f64 {
    let text = || value.as_str().and_then(|text| text.parse().ok());
    value.as_f64().or_else(text).unwrap_or_else(|| panic!("{value} is no number"))
}

/// What a process measures, by name and labels.
#[derive(Clone, Default)]
pub struct Measured(Arc<Mutex<BTreeMap<Key, Arc<Cell>>>>);

#[derive(Default)]
struct Cell(Mutex<f64>);

impl Cell {
    fn value(&self) -> MutexGuard<'_, f64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CounterFn for Cell {
    fn increment(&self, value: u64) {
        *self.value() += value as f64;
    }

    fn absolute(&self, value: u64) {
        *self.value() = value as f64;
    }
}

impl GaugeFn for Cell {
    fn increment(&self, value: f64) {
        *self.value() += value;
    }

    fn decrement(&self, value: f64) {
        *self.value() -= value;
    }

    fn set(&self, value: f64) {
        *self.value() = value;
    }
}

impl Measured {
    fn cell(&self, key: &Key) -> Arc<Cell> {
        let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cells.entry(key.clone()).or_default().clone()
    }

    /// What was measured since the last time, by name: what has no label, and is not nothing.
    pub fn take(&self) -> BTreeMap<String, f64> {
        let cells = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let bare = cells.iter().filter(|(key, _)| key.labels().next().is_none());
        bare.map(|(key, cell)| (key.name().to_owned(), *cell.value())).collect()
    }
}

impl Recorder for Measured {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.cell(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.cell(key))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}
