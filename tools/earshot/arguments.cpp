#include "arguments.h"

#include <utility>

#include <boost/program_options/cmdline.hpp>
#include <boost/program_options/errors.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/positional_options.hpp>

#include "earshot/pipeline/graph/nearest.h"

namespace earshot::tools {
namespace {

namespace po = boost::program_options;

Error unknown_option(const po::unknown_option& unknown, const po::options_description& options) {
  std::vector<std::string> names;
  for (const auto& option : options.options())
    if (option->long_name() != kOperand) names.push_back("--" + option->long_name());
  const std::string meant = graph::nearest(unknown.get_option_name(), names);
  std::string message = "no option is called \"" + unknown.get_option_name() + "\"";
  message += meant.empty() ? "; these are: " + graph::joined(names) : "; did you mean \"" + meant + "\"?";
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

}  // namespace

Result<Arguments> Arguments::parse(std::span<const std::string> words, int first_number,
                                   const po::options_description& options) {
  po::options_description all;
  all.add(options).add_options()(kOperand, po::value<std::vector<std::string>>());
  po::positional_options_description operands;
  operands.add(kOperand, -1);
  // Abbreviations would break scripts as soon as an option is added.
  constexpr int kStyle = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
  Arguments arguments;
  try {
    const po::parsed_options parsed =
        po::command_line_parser({words.begin(), words.end()}).options(all).positional(operands).style(kStyle).run();
    po::store(parsed, arguments.values_);
    int number = first_number;
    for (const po::option& option : parsed.options) {
      number += static_cast<int>(option.original_tokens.size());
      for (const std::string& value : option.value)
        arguments.given_.push_back({option.string_key, {value, number - 1}});
    }
  } catch (const po::unknown_option& unknown) {
    return unknown_option(unknown, options);
  } catch (const po::error& wrong) {
    return Error{ErrorCode::kInvalidArgument, wrong.what()};
  }
  if (arguments.has(kOperand)) arguments.operands_ = arguments.get<std::vector<std::string>>(kOperand);
  return arguments;
}

Result<std::int64_t> Arguments::number(const std::string& option, std::int64_t min, std::int64_t max) const {
  const auto value = get<std::int64_t>(option);
  if (value >= min && value <= max) return value;
  return Error{ErrorCode::kInvalidArgument, "--" + option + " is " + std::to_string(value) + "; a whole number from " +
                                                std::to_string(min) + " to " + std::to_string(max) + " was expected"};
}

std::vector<Word> Arguments::all(const std::string& option) const {
  std::vector<Word> words;
  for (const Given& given : given_)
    if (given.option == option) words.push_back(given.word);
  return words;
}

void declare_json(po::options_description& options) {
  options.add_options()("json", po::bool_switch(), "print one JSON document");
}

void declare_quiet(po::options_description& options) {
  options.add_options()("quiet", po::bool_switch(), "no progress and no notes");
}

}  // namespace earshot::tools
