// Arguments: the words of a command line behind the command, parsed by Boost.Program_options.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>

#include "earshot/contract/result.h"

namespace earshot::tools {

// What a word without an option before it is filed under.
inline constexpr const char* kOperand = "operand";

// A value and the number of its word on the command line; the first word behind the program's name is 1.
struct Word {
  std::string text;
  int number = 0;
};

class Arguments {
 public:
  // `first_number` is the number of words[0]. Errors: kInvalidArgument with the nearest option and what to type.
  static Result<Arguments> parse(std::span<const std::string> words, int first_number,
                                 const boost::program_options::options_description& options);

  // What stands without an option before it.
  [[nodiscard]] const std::vector<std::string>& operands() const { return operands_; }
  [[nodiscard]] bool has(const std::string& option) const { return values_.count(option) != 0; }
  // Precondition: the option was declared with this type and is given or has a default.
  template <class T>
  [[nodiscard]] const T& get(const std::string& option) const {
    return values_[option].as<T>();
  }
  [[nodiscard]] std::string text(const std::string& option) const {
    return has(option) ? get<std::string>(option) : std::string();
  }
  [[nodiscard]] bool flag(const std::string& option) const { return has(option) && get<bool>(option); }
  // Errors: kInvalidArgument outside [min, max].
  [[nodiscard]] Result<std::int64_t> number(const std::string& option, std::int64_t min, std::int64_t max) const;
  // Every value of an option that may be repeated.
  [[nodiscard]] std::vector<Word> all(const std::string& option) const;

 private:
  struct Given {
    std::string option;
    Word word;
  };
  boost::program_options::variables_map values_;
  std::vector<std::string> operands_;
  std::vector<Given> given_;
};

// Declarations that several commands share.
void declare_json(boost::program_options::options_description& options);
void declare_quiet(boost::program_options::options_description& options);

}  // namespace earshot::tools
