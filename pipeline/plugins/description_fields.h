// The fields of a description, said once for writing and for reading, and how each kind of value stands in JSON.
#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "earshot/contract/description.h"

namespace earshot::plugins {

using Json = nlohmann::ordered_json;

// Thrown by decode(), caught where the document is read.
struct BadJson : std::runtime_error {
  using std::runtime_error::runtime_error;
};

template <class Archive, class Rule>
void fact_rule_fields(Archive& archive, Rule& rule) {
  archive("fact", rule.fact);
  archive("kind", rule.kind);
  archive("text", rule.text);
  archive("port", rule.port);
}

template <class Archive, class Port>
void port_fields(Archive& archive, Port& port) {
  archive("name", port.name);
  archive("kind", port.kind);
  archive("axes", port.axes);
  archive("view", port.view);
  archive("optional", port.optional);
  archive("many", port.many);
  archive("derived", port.derived);
  archive("storable", port.storable);
  archive("facts", port.facts);
}

template <class Archive, class Option>
void option_fields(Archive& archive, Option& option) {
  archive("name", option.name);
  archive("type", option.type);
  archive("list", option.list);
  archive("may_be_auto", option.may_be_auto);
  archive("required", option.required);
  archive("affects_output", option.affects_output);
  archive("unit", option.unit);
  archive("min", option.min);
  archive("max", option.max);
  archive("choices", option.choices);
  archive("default", option.default_value);
  archive("sentence", option.sentence);
}

template <class Archive, class Metric>
void metric_fields(Archive& archive, Metric& metric) {
  archive("name", metric.name);
  archive("option", metric.option);
  archive("value", metric.value);
}

template <class Archive, class Plugin>
void plugin_fields(Archive& archive, Plugin& plugin) {
  archive("name", plugin.name);
  archive("algorithm", plugin.algorithm);
  archive("sentence", plugin.sentence);
  archive("kind", plugin.kind);
  archive("determinism", plugin.determinism);
  archive("header_only", plugin.header_only);
  archive("ranged", plugin.ranged);
  archive("compute_lane", plugin.compute_lane);
  archive("trainable", plugin.trainable);
  archive("any_device", plugin.any_device);
  archive("weights", plugin.weights);
  archive("offers", plugin.offers);
  archive("wants", plugin.wants);
  archive("options", plugin.options);
  archive("inputs", plugin.inputs);
  archive("outputs", plugin.outputs);
  archive("metrics", plugin.metrics);
}

Json encode(const PluginDescription& description);
// Throws BadJson.
PluginDescription decode_description(const Json& json);

}  // namespace earshot::plugins
