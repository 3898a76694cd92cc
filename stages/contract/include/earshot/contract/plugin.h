// EARSHOT_PLUGIN(Class): makes a shared library a plugin. The one macro of the contract.
//
// Two exports. `earshot_plugin_abi` is a constant-initialised struct that the engine reads from the file before it
// loads it; `earshot_plugin()` is called only when that fits. A class has `static auto contract()` and either a
// constructor
// `(const Options&, const Setup&)` or, when it can fail to start, `static Result<std::unique_ptr<T>> create(const
// Options&, const Setup&)`. One whose weights say something before it is made has `static Result<WeightsInfo>
// weights(const Options&)` as well.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <type_traits>

#include "earshot/contract/contract.h"
#include "earshot/contract/setup.h"
#include "earshot/contract/stage.h"
#include "earshot/contract/weights_info.h"

namespace earshot {

inline constexpr std::uint32_t kAbiVersion = 5;

// Read from the file, unloaded: plain bytes, no pointers.
struct PluginAbi {
  char magic[8];          // "EARSHOT"
  std::uint32_t size;     // sizeof(PluginAbi)
  std::uint32_t version;  // kAbiVersion
  char compiler[56];      // __VERSION__
  char torch[24];         // LibTorch's version, or "none"
};

// What earshot_plugin() returns: static storage of the plugin, never freed. `description` is null where contract()
// threw; then `failure` says why.
struct PluginEntry {
  const PluginDescription* description = nullptr;
  Result<std::unique_ptr<Stage>> (*create)(const OptionValues& values, const Setup& setup) = nullptr;
  const char* failure = nullptr;
  // Null where the stage has no weights of its own.
  Result<WeightsInfo> (*weights)(const OptionValues& values) = nullptr;
  const std::vector<PayloadReader>* readers = nullptr;  // of the outputs, in their order
};

namespace detail {

template <class T, class Options>
concept CanFailToStart = requires(const Options& options, const Setup& setup) {
  { T::create(options, setup) } -> std::same_as<Result<std::unique_ptr<T>>>;
};

template <class T, class Options>
concept HasWeights = requires(const Options& options) {
  { T::weights(options) } -> std::same_as<Result<WeightsInfo>>;
};

// T::contract() with the stage kind filled in from T's base class.
template <class T>
auto finished_contract() {
  auto contract = T::contract();
  PluginDescription& description = contract.description();
  if constexpr (std::is_base_of_v<Source, T>) description.kind = StageKind::kSource;
  if constexpr (std::is_base_of_v<Map, T>) description.kind = StageKind::kMap;
  if constexpr (std::is_base_of_v<Expand, T>) description.kind = StageKind::kExpand;
  if constexpr (std::is_base_of_v<Collapse, T>) description.kind = StageKind::kCollapse;
  if constexpr (std::is_base_of_v<BatchMap, T>) description.kind = StageKind::kBatchMap;
  if constexpr (std::is_base_of_v<Step, T>) description.kind = StageKind::kStep;
  if constexpr (std::is_base_of_v<Collect, T>) description.kind = StageKind::kCollect;
  description.weights = HasWeights<T, typename decltype(contract)::OptionsType>;
  return contract;
}

template <class T>
Result<WeightsInfo> weights_of(const OptionValues& values) {
  try {
    return T::weights(finished_contract<T>().read(values));
  } catch (const std::exception& thrown) {
    return Error{ErrorCode::kInternal, std::string("the weights could not be looked at: ") + thrown.what()};
  } catch (...) {
    return Error{ErrorCode::kInternal, "the weights could not be looked at: it threw something unknown"};
  }
}

template <class T>
Result<std::unique_ptr<Stage>> create_stage(const OptionValues& values, const Setup& setup) {
  using ContractType = decltype(finished_contract<T>());
  using Options = typename ContractType::OptionsType;
  try {
    const Options options = finished_contract<T>().read(values);
    if constexpr (CanFailToStart<T, Options>) {
      Result<std::unique_ptr<T>> made = T::create(options, setup);
      if (!made.ok()) return std::move(made).error();
      return std::unique_ptr<Stage>(std::move(made).value());
    } else {
      return std::unique_ptr<Stage>(std::make_unique<T>(options, setup));
    }
  } catch (const std::exception& thrown) {
    return Error{ErrorCode::kInternal, std::string("the stage could not be created: ") + thrown.what()};
  } catch (...) {
    return Error{ErrorCode::kInternal, "the stage could not be created: it threw something unknown"};
  }
}

template <class T>
const PluginEntry* plugin_entry() noexcept {
  static const PluginEntry entry = []() noexcept -> PluginEntry {
    try {
      static const auto contract = finished_contract<T>();
      PluginEntry made{
          .description = &contract.description(), .create = &create_stage<T>, .readers = &contract.readers()};
      if constexpr (HasWeights<T, typename decltype(finished_contract<T>())::OptionsType>)
        made.weights = &weights_of<T>;
      return made;
    } catch (const std::exception& thrown) {
      static const std::string why = thrown.what();
      return {.failure = why.c_str()};
    } catch (...) {
      return {.failure = "contract() threw something unknown"};
    }
  }();
  return &entry;
}

}  // namespace detail
}  // namespace earshot

// The build defines it for everything that links earshot_nn.
#ifndef EARSHOT_TORCH_VERSION
#define EARSHOT_TORCH_VERSION "none"
#endif

#define EARSHOT_EXPORT extern "C" __attribute__((visibility("default"), used))

#define EARSHOT_PLUGIN(Class)                                                                           \
  EARSHOT_EXPORT constinit const earshot::PluginAbi earshot_plugin_abi = {                              \
      "EARSHOT", sizeof(earshot::PluginAbi), earshot::kAbiVersion, __VERSION__, EARSHOT_TORCH_VERSION}; \
  EARSHOT_EXPORT const earshot::PluginEntry* earshot_plugin() noexcept {                                \
    return earshot::detail::plugin_entry<Class>();                                                      \
  }
