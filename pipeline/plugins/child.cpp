#include "earshot/pipeline/plugins/child.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace earshot::plugins {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kMaxOutput = std::size_t{4} << 20;

// Owns one file descriptor; -1 = none.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }
  void close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }
  [[nodiscard]] int get() const { return number_; }

 private:
  int number_;
};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0)
    return Error{ErrorCode::kIo, std::string("cannot make a pipe: ") + std::strerror(errno)};
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

// A process started and not yet waited for.
class Child {
 public:
  static Result<Child> start(const std::vector<std::string>& arguments, int output, int errors) {
    std::vector<char*> argv;
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    pid_t process = 0;
    const int failure = posix_spawn(&process, argv[0], &actions, &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0) return Error{ErrorCode::kIo, arguments[0] + " cannot be started: " + std::strerror(failure)};
    return Child(process);
  }

  // Waits until `deadline`; then nothing of its group is left.
  void wait(Clock::time_point deadline, ChildEnd& end) const {
    siginfo_t ended{};
    while (waitid(P_PID, static_cast<id_t>(process_), &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == 0) {
      if (Clock::now() >= deadline) {
        end.timed_out = true;
        break;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    ::kill(-process_, SIGKILL);
    int status = 0;
    waitpid(process_, &status, 0);
    if (WIFSIGNALED(status)) end.signal = WTERMSIG(status);
    if (WIFEXITED(status)) end.exit_code = WEXITSTATUS(status);
  }

 private:
  explicit Child(pid_t process) : process_(process) {}
  pid_t process_;
};

// Appends what is there; false at the end of the stream or above the limit.
bool drain(int descriptor, std::string& text) {
  std::array<char, 65536> buffer{};
  const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
  if (count < 0) return errno == EINTR || errno == EAGAIN;
  text.append(buffer.data(), static_cast<std::size_t>(count));
  return count > 0 && text.size() <= kMaxOutput;
}

// Reads both streams until both end or the deadline passes.
void capture(Descriptor& output, Descriptor& errors, Clock::time_point deadline, ChildEnd& end) {
  while (output.get() >= 0 || errors.get() >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return;
    std::array<pollfd, 2> wanted = {pollfd{output.get(), POLLIN, 0}, pollfd{errors.get(), POLLIN, 0}};
    if (poll(wanted.data(), wanted.size(), static_cast<int>(left)) < 0 && errno != EINTR) return;
    if (wanted[0].revents != 0 && !drain(output.get(), end.output)) output.close();
    if (wanted[1].revents != 0 && !drain(errors.get(), end.errors)) errors.close();
  }
}

}  // namespace

std::filesystem::path find_helper(std::string_view name) {
  std::error_code failure;
  const std::filesystem::path here = std::filesystem::read_symlink("/proc/self/exe", failure).parent_path();
  for (const char* folder : {".", "../bin", "../libexec/earshot"})
    if (const auto helper = here / folder / name; std::filesystem::is_regular_file(helper, failure))
      return helper.lexically_normal();
  return {};
}

Result<ChildEnd> run_child(const std::vector<std::string>& arguments, std::chrono::milliseconds limit) {
  const Clock::time_point deadline = Clock::now() + limit;
  Result<Pipe> output = make_pipe();
  if (!output.ok()) return std::move(output).error();
  Result<Pipe> errors = make_pipe();
  if (!errors.ok()) return std::move(errors).error();
  const Result<Child> child = Child::start(arguments, output->write.get(), errors->write.get());
  if (!child.ok()) return child.error();
  output->write.close();
  errors->write.close();
  ChildEnd end;
  capture(output->read, errors->read, deadline, end);
  child->wait(deadline, end);
  return end;
}

}  // namespace earshot::plugins
