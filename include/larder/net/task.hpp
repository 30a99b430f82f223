// Coroutines over Asio's operations: what asio::awaitable is for, but that a frame is one allocation, an
// operation none, and nothing is kept for cancellation slots or executors that nobody here uses. A fetch
// awaits some twenty times (docs/decisions/0012-what-a-fetch-costs.md).
//
//   net::Task<std::size_t> read(...) {
//     co_await timer.async_wait(net::use_task);         // throws boost::system::system_error
//     co_await timer.async_wait(net::use_task(error));  // sets `error` instead
//     co_return 1;
//   }
//   net::spawn(executor, read_all(...));   // runs by itself
//
// A task runs when it is awaited, on the thread that runs its executor; what it awaits resumes it there. The
// event loop's end destroys what still waits, as an exception would.
#pragma once
#include <boost/asio/async_result.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <new>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace larder::net {

template <typename T>
class Task;

namespace detail {

// A spawned task and all that it awaits, of which one frame runs or waits.
class Run {
 public:
  // Until something has to be waited for, or all is done; then it is gone.
  void go_on() {
    is_going_on_ = true;
    is_waiting_ = false;
    while (innermost_ && !is_waiting_) innermost_.resume();
    is_going_on_ = false;
    if (!innermost_) outermost_.destroy();
  }
  // Nobody will resume it. When an operation could not even begin, the frame that began it goes on by an
  // exception.
  void abandon() {
    is_waiting_ = false;
    if (!is_going_on_) outermost_.destroy();
  }
  void wait() noexcept { is_waiting_ = true; }
  void enter(std::coroutine_handle<> frame) noexcept { innermost_ = frame; }
  void begin(std::coroutine_handle<> frame) noexcept { outermost_ = innermost_ = frame; }

 private:
  std::coroutine_handle<> outermost_;
  std::coroutine_handle<> innermost_;
  bool is_waiting_ = false;
  bool is_going_on_ = false;
};

// A frame's size is told when it is freed, which spares the allocator to look it up. (By itself the compiler
// does not tell.)
struct FrameMemory {
  static void* operator new(std::size_t size) { return ::operator new(size); }
  static void operator delete(void* frame, std::size_t size) noexcept { ::operator delete(frame, size); }
};

struct PromiseBase : FrameMemory {
  Run* run = nullptr;
  std::coroutine_handle<> caller;  // null: the outermost
  std::exception_ptr failure;

  struct Return {
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> frame) const noexcept {
      frame.promise().run->enter(frame.promise().caller);
    }
    void await_resume() const noexcept {}
  };
  std::suspend_always initial_suspend() const noexcept { return {}; }
  Return final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { failure = std::current_exception(); }
};

template <typename T>
struct Promise : PromiseBase {
  std::optional<T> value;

  Task<T> get_return_object() noexcept;
  template <typename Value>
  void return_value(Value&& result) {
    value.emplace(std::forward<Value>(result));
  }
  T take() {
    if (failure) std::rethrow_exception(failure);
    return std::move(*value);
  }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() const {
    if (failure) std::rethrow_exception(failure);
  }
};

}  // namespace detail

// Has to be awaited once, or spawned.
template <typename T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;
  using Frame = std::coroutine_handle<promise_type>;

  explicit Task(Frame frame) noexcept : frame_(frame) {}
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (frame_) frame_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  void await_suspend(std::coroutine_handle<Promise> caller) const noexcept {
    promise_type& promise = frame_.promise();
    promise.caller = caller;
    promise.run = caller.promise().run;
    promise.run->enter(frame_);
  }
  T await_resume() const { return frame_.promise().take(); }

 private:
  Frame frame_;
};

namespace detail {

template <typename T>
Task<T> Promise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

// An error in the log: nobody is there to catch it.
void note_unhandled(const std::exception_ptr& failure) noexcept;

// The outermost frame: owns its Run, and itself.
struct Outermost {
  struct promise_type : Run, PromiseBase {
    Outermost get_return_object() noexcept {
      run = this;
      begin(std::coroutine_handle<promise_type>::from_promise(*this));
      return {this};
    }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { note_unhandled(std::current_exception()); }
  };
  Run* run;
};

// Resumes a run once; dropped, it ends it.
class Resumption {
 public:
  explicit Resumption(Run* run) noexcept : run_(run) {}
  Resumption(Resumption&& other) noexcept : run_(std::exchange(other.run_, nullptr)) {}
  Resumption(const Resumption&) = delete;
  Resumption& operator=(const Resumption&) = delete;
  Resumption& operator=(Resumption&&) = delete;
  ~Resumption() {
    if (run_) run_->abandon();
  }
  void operator()() { std::exchange(run_, nullptr)->go_on(); }

 private:
  Run* run_;
};

// The memory of one operation of Asio's, in the frame that awaits it: Asio lets go of it before it tells of
// the operation's end. Larger ones, and all but the first at a time, come from the heap.
class Room {
 public:
  void* take(std::size_t size) {
    if (is_taken_ || size > sizeof bytes_) return ::operator new(size);
    is_taken_ = true;
    return bytes_;
  }
  void give_back(void* memory) noexcept {
    if (memory == bytes_) {
      is_taken_ = false;
    } else {
      ::operator delete(memory);
    }
  }

 private:
  alignas(std::max_align_t) std::byte bytes_[224];
  bool is_taken_ = false;
};

template <typename T>
class RoomAllocator {
 public:
  using value_type = T;
  explicit RoomAllocator(Room* room) noexcept : room_(room) {}
  template <typename U>
  RoomAllocator(const RoomAllocator<U>& other) noexcept : room_(other.room_) {}  // NOLINT: converts
  T* allocate(std::size_t count) { return static_cast<T*>(room_->take(count * sizeof(T))); }
  void deallocate(T* memory, std::size_t) noexcept { room_->give_back(memory); }
  template <typename U>
  bool operator==(const RoomAllocator<U>& other) const noexcept {
    return room_ == other.room_;
  }

 private:
  template <typename U>
  friend class RoomAllocator;
  Room* room_;
};

// What an operation's end says.
template <typename... Values>
struct Outcome {
  using Value = std::tuple_element_t<0, std::tuple<Values..., std::monostate>>;
  boost::system::error_code error;
  std::optional<Value> value;
  Room room;
};

template <typename... Values>
class Handler {
 public:
  using allocator_type = RoomAllocator<void*>;
  Handler(Run* run, Outcome<Values...>* outcome) noexcept : resumption_(run), outcome_(outcome) {}
  allocator_type get_allocator() const noexcept { return allocator_type(&outcome_->room); }
  void operator()(boost::system::error_code error, Values... values) {
    outcome_->error = error;
    (outcome_->value.emplace(std::move(values)), ...);
    resumption_();
  }
  void operator()() requires(sizeof...(Values) == 0) { resumption_(); }

 private:
  Resumption resumption_;
  Outcome<Values...>* outcome_;
};

// An operation of Asio's, begun when it is awaited.
template <typename Initiation, typename Arguments, typename... Values>
class [[nodiscard]] Operation {
 public:
  Operation(Initiation initiation, Arguments arguments, boost::system::error_code* error)
      : initiation_(std::move(initiation)), arguments_(std::move(arguments)), error_(error) {}

  bool await_ready() const noexcept { return false; }
  template <typename Promise>
  void await_suspend(std::coroutine_handle<Promise> frame) {
    Run* const run = frame.promise().run;
    run->wait();
    std::apply(
        [&](auto&... arguments) {
          std::move(initiation_)(Handler<Values...>(run, &outcome_), std::move(arguments)...);
        },
        arguments_);
  }
  auto await_resume() {
    if (error_) *error_ = outcome_.error;
    if (!error_ && outcome_.error) throw boost::system::system_error(outcome_.error);
    if constexpr (sizeof...(Values) > 0) return std::move(*outcome_.value);
  }

 private:
  Initiation initiation_;
  Arguments arguments_;
  boost::system::error_code* error_;
  Outcome<Values...> outcome_;
};

struct UseTaskError {
  boost::system::error_code* error;
};

}  // namespace detail

// A completion token, see above.
struct UseTask {
  detail::UseTaskError operator()(boost::system::error_code& error) const noexcept { return {&error}; }
};
inline constexpr UseTask use_task{};

namespace detail {

template <typename... Values>
struct Begin {
  template <typename Initiation, typename... Arguments>
  static auto operation(boost::system::error_code* error, Initiation&& initiation, Arguments&&... arguments) {
    using Kept = std::tuple<std::decay_t<Arguments>...>;
    return Operation<std::decay_t<Initiation>, Kept, Values...>(
        std::forward<Initiation>(initiation), Kept(std::forward<Arguments>(arguments)...), error);
  }
};

template <typename Function>
Outermost run_out(Function function) {
  co_await function();
}
inline Outermost run_out(Task<void> task) {
  co_await task;
}

}  // namespace detail

// Runs `task`, a Task<void> or a function that makes one and is kept as long, on the executor's thread: at
// once where that is the caller's. An exception that leaves it is logged, and ends it alone.
template <typename Executor, typename TaskOrFunction>
void spawn(const Executor& executor, TaskOrFunction task) {
  detail::Resumption begin(detail::run_out(std::move(task)).run);
  boost::asio::dispatch(executor, std::move(begin));
}
template <typename TaskOrFunction>
void spawn(boost::asio::io_context& context, TaskOrFunction task) {
  spawn(context.get_executor(), std::move(task));
}

}  // namespace larder::net

template <typename... Values>
struct boost::asio::async_result<larder::net::UseTask, void(boost::system::error_code, Values...)> {
  template <typename Initiation, typename... Arguments>
  static auto initiate(Initiation&& initiation, larder::net::UseTask, Arguments&&... arguments) {
    return larder::net::detail::Begin<Values...>::operation(nullptr, std::forward<Initiation>(initiation),
                                                            std::forward<Arguments>(arguments)...);
  }
};
template <typename... Values>
struct boost::asio::async_result<larder::net::detail::UseTaskError,
                                 void(boost::system::error_code, Values...)> {
  template <typename Initiation, typename... Arguments>
  static auto initiate(Initiation&& initiation, larder::net::detail::UseTaskError token,
                       Arguments&&... arguments) {
    return larder::net::detail::Begin<Values...>::operation(token.error, std::forward<Initiation>(initiation),
                                                            std::forward<Arguments>(arguments)...);
  }
};
// asio::post
template <>
struct boost::asio::async_result<larder::net::UseTask, void()> {
  template <typename Initiation, typename... Arguments>
  static auto initiate(Initiation&& initiation, larder::net::UseTask, Arguments&&... arguments) {
    return larder::net::detail::Begin<>::operation(nullptr, std::forward<Initiation>(initiation),
                                                   std::forward<Arguments>(arguments)...);
  }
};
