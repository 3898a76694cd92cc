// Stage: what a plugin makes. One abstract class per kind; the engine calls exactly the ones named here.
//
// Threads: Source views, Map, Expand and Collapse are called from any number of threads at once and are const.
// BatchMap, Step and Collect are called by one thread at a time, always the same one for a stage with
// `compute_lane`. Nothing may throw out of these calls except std::bad_alloc, which the engine reports.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "earshot/contract/byte_sink.h"
#include "earshot/contract/context.h"
#include "earshot/contract/payload.h"
#include "earshot/contract/result.h"

namespace earshot {

inline constexpr std::size_t kMaxPorts = 6;  // inputs, and outputs of one view, of one stage

// The payloads of one item at a stage's inputs, by port name. The engine guarantees kinds; a wired port is never null.
class Inputs {
 public:
  Inputs(std::span<const std::string> names, std::span<const PayloadPtr> payloads)
      : names_(names), payloads_(payloads) {}

  // Precondition: the port is wired.
  template <class T>
  const T& get(std::string_view port) const {
    return static_cast<const T&>(*pointer(port));
  }
  // Null where an optional port is not wired.
  template <class T>
  const T* find(std::string_view port) const {
    return static_cast<const T*>(pointer(port).get());
  }
  // The shared payload itself, to pass it on unchanged.
  [[nodiscard]] const PayloadPtr& pointer(std::string_view port) const {
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (names_[i] == port) return payloads_[i];
    static const PayloadPtr kNone;
    return kNone;
  }

 private:
  std::span<const std::string> names_;
  std::span<const PayloadPtr> payloads_;
};

// One payload per declared output, in the order of declaration.
class Outputs {
 public:
  Outputs() = default;
  template <class... Ts>
  requires(sizeof...(Ts) >= 1 && sizeof...(Ts) <= kMaxPorts &&
           (!std::is_same_v<std::remove_cvref_t<Ts>, Outputs> && ...)) explicit Outputs(Ts&&... payloads) {
    (add(std::forward<Ts>(payloads)), ...);
  }
  void add(PayloadPtr payload) { payloads_[count_++] = std::move(payload); }
  template <class T>
  requires std::is_base_of_v<Payload, std::remove_cvref_t<T>>
  void add(T&& payload) { add(PayloadPtr(std::make_shared<const std::remove_cvref_t<T>>(std::forward<T>(payload)))); }
  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  PayloadPtr& operator[](std::size_t port) { return payloads_[port]; }
  const PayloadPtr& operator[](std::size_t port) const { return payloads_[port]; }

 private:
  std::array<PayloadPtr, kMaxPorts> payloads_;
  std::size_t count_ = 0;
};

// A row of a batch or of a stream.
struct Row {
  std::string id;       // unique in its view; children and derived rows are paths: "NAME#w0", "NAME#mix"
  std::string related;  // the recording (or class) that the row belongs to: joins streams of different views
  PayloadPtr payload;
};

// The live rows at a batch-level stage's inputs; rows of all inputs are aligned, except those of `derived` and `many`.
class BatchInputs {
 public:
  BatchInputs(std::span<const std::string> names, std::span<const std::vector<Row>> rows)
      : names_(names), rows_(rows) {}
  // Empty where an optional port is not wired.
  [[nodiscard]] std::span<const Row> rows(std::string_view port) const {
    for (std::size_t i = 0; i < names_.size(); ++i)
      if (names_[i] == port) return rows_[i];
    return {};
  }

 private:
  std::span<const std::string> names_;
  std::span<const std::vector<Row>> rows_;
};

struct BatchOutputs {
  std::vector<std::vector<Row>> ports;                     // one list of rows per declared output
  std::vector<std::pair<std::string, Error>> failed_rows;  // ids of input rows that could not be computed
};

struct Metric {
  std::string name;  // as the field writes it: "loss", "map@10", "recall@1", "accuracy"
  double value = 0;
  std::optional<double> low;  // 95 % interval
  std::optional<double> high;
  std::optional<double> chance;  // what guessing reaches
};

// A file that a stage leaves in the run folder.
struct Artefact {
  std::string name;  // plain file name
  std::vector<std::byte> bytes;
};

struct Report {
  std::vector<Metric> metrics;
  std::vector<Artefact> files;
  std::vector<std::string> notes;  // sentences for the report
};

// What a checkpoint holds of a stage. Called between steps, on the stage's own thread.
class State {
 public:
  virtual ~State() = default;
  enum class Scope : std::uint8_t { kWeights, kEverything };

  // Puts what belongs to `scope` into `sink`, nothing where there is none. Errors: those of `sink`.
  [[nodiscard]] virtual Status save(Scope scope, const ByteSink& sink) const = 0;
  virtual Status load(std::span<const std::byte> bytes, Scope scope) = 0;
  // Replaces the weights by the mean of several saved ones (Scope::kWeights), summed in float64.
  virtual Status load_mean(std::span<const std::span<const std::byte>> saved) = 0;
  // What save() gives, in one piece.
  [[nodiscard]] Result<std::vector<std::byte>> saved(Scope scope) const;
  // The name of the first parameter that holds NaN or infinity; empty when all are finite.
  [[nodiscard]] virtual std::string first_non_finite() const { return {}; }
};

class Stage {
 public:
  Stage() = default;
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  virtual ~Stage() = default;

  // What the payload of output 0 will be for an input of `input`: an upper bound for bytes.
  [[nodiscard]] virtual Footprint footprint(const Footprint& input) const { return input; }
  [[nodiscard]] virtual State* state() { return nullptr; }
  // The capability of that name (PluginDescription::offers), owned by the stage; null where it has none.
  virtual void* capability(std::string_view /*name*/) { return nullptr; }
};

// The header of a record: known without opening anything.
struct RecordHeader {
  std::string id;       // unique in the view
  std::string related;  // see Row
  std::string dataset;  // a batch comes from one data set at a time
  std::string clip;     // two records of one clip never share a training batch
};

// A sequence of records of one view and split, in random access.
class View {
 public:
  virtual ~View() = default;
  [[nodiscard]] virtual std::int64_t size() const = 0;
  [[nodiscard]] virtual RecordHeader header(std::int64_t index) const = 0;
  // One payload per port of the view, in the order of declaration. Opens at most headers of files.
  [[nodiscard]] virtual Result<Outputs> record(std::int64_t index) const = 0;
  // The content id (content_id.h) of everything that the payload of a port, by order of declaration, is computed from.
  // Reads whole files: a caller keeps what it got. Errors: those of reading; kUnsupported where a source has none.
  [[nodiscard]] virtual Result<std::string> content_id(std::int64_t /*index*/, std::size_t /*port*/) const {
    return Error{ErrorCode::kUnsupported, "this source does not say what its records are computed from"};
  }
};

class Source : public Stage {
 public:
  // `view` is one that the contract declares; `split` is the flow's, empty for everything.
  // Errors: kInvalidArgument names the splits there are.
  [[nodiscard]] virtual Result<std::unique_ptr<View>> open(std::string_view view, std::string_view split) const = 0;
  // Sentences that a report must print beside results ("recordings known, mixtures new").
  [[nodiscard]] virtual std::vector<std::string> notes() const { return {}; }
};

class Map : public Stage {
 public:
  [[nodiscard]] virtual Result<Outputs> process(const Inputs& inputs, Context& context) const = 0;
};

struct Child {
  std::string suffix;  // "w0": the child's id is PARENT#w0
  Outputs outputs;
};

// One item to children. Reads header facts only; the number of children is known before the first leaves.
class Expand : public Stage {
 public:
  [[nodiscard]] virtual Result<std::vector<Child>> expand(const Inputs& inputs, Context& context) const = 0;
};

// The children of one item, in order, back to one item.
class Collapse : public Stage {
 public:
  [[nodiscard]] virtual Result<Outputs> collapse(std::span<const Inputs> children, Context& context) const = 0;
};

class BatchMap : public Stage {
 public:
  virtual Result<BatchOutputs> process(const BatchInputs& inputs, Context& context) = 0;
};

// An instance upstream of a step, with the capability that the step wants.
struct Connection {
  std::string stage;
  void* capability = nullptr;  // not owned
};

class Step : public Stage {
 public:
  // Called once before the first step, in topological order of the stages. Names which stages train.
  virtual Status connect(std::span<const Connection> upstream) = 0;
  // Errors: kNonFinite before anything was updated, naming the parameter.
  virtual Result<std::vector<Metric>> step(const BatchInputs& inputs, Context& context) = 0;
};

// Whole streams. Rows arrive in order within a port; ports interleave.
class Collect : public Stage {
 public:
  virtual Status add(std::string_view port, Row row) = 0;
  // Called once at the end of a pass; leaves the stage empty for the next.
  virtual Result<Report> finish(Context& context) = 0;
};

}  // namespace earshot
