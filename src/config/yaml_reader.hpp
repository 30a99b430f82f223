// Typed access to the YAML tree. What is wrong is noted with its place and reading goes on, so that one run
// shows every error.
//
// A Value is one place of the tree and knows its name ("listeners.public.bind"). A section of the
// configuration is read by naming its keys, each with the function that reads it; unknown and duplicate keys
// are found here, once for all sections (yaml-cpp itself keeps both of two equal keys and says nothing).
#pragma once
#include <yaml-cpp/yaml.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "larder/config/load.hpp"

namespace larder::config {

class Value;
using Read = std::function<void(const Value&)>;

// A key of a section. Without `read`: reserved for a later version, refused by name.
struct Key {
  std::string_view name;
  Read read;
};

// Collects the errors of one file.
class Reader {
 public:
  Reader(std::string file, const Surroundings& surroundings)
      : file_(std::move(file)), surroundings_(surroundings) {}

  void fail(const YAML::Mark& place, std::string message);
  const Surroundings& surroundings() const noexcept { return surroundings_; }
  bool has_errors() const noexcept { return !errors_.empty(); }
  std::vector<ConfigError> take_errors();  // in the file's order

 private:
  std::string file_;
  const Surroundings& surroundings_;
  std::vector<ConfigError> errors_;
};

class Value {
 public:
  // `key_place` is where its key stands (or the list that it is in): errors point there when it is empty.
  Value(Reader& reader, const YAML::Node& node, const YAML::Mark& key_place, std::string path);

  const std::string& path() const noexcept { return path_; }
  const YAML::Mark& key_place() const noexcept { return key_place_; }
  Reader& reader() const noexcept { return *reader_; }
  bool is_text() const { return node_.IsScalar(); }
  bool is_list() const { return node_.IsSequence(); }
  bool is_map() const { return node_.IsMap(); }

  // Notes an error at this value: "'path': message", or the message alone.
  void fail(std::string_view message) const;
  void fail_bare(std::string message) const;
  // The same at its key: what is wrong is that it is there at all.
  void fail_at_key(std::string_view message) const;
  // Notes "'path': expected what, got ...".
  void expected(std::string_view what) const;
  // A key, or only this value of it, is reserved for a later version.
  void not_available() const;
  void value_not_available() const;

  // A scalar with its ${NAME}s replaced. `what` was expected if it is something else. Empty text is an error
  // too, but for text_or_empty.
  std::optional<std::string> text(std::string_view what) const;
  std::optional<std::string> text_or_empty(std::string_view what) const;
  // The items of a list; an error otherwise.
  std::vector<Value> items(std::string_view what) const;
  // The same, or a single scalar as a list of one.
  std::vector<Value> items_or_one(std::string_view what) const;

  struct Entry {
    std::string name;
    YAML::Mark place;  // of the key
  };
  // Calls `read` with each entry of a map whose keys are free names.
  void each(std::string_view what, const std::function<void(const Entry&, const Value&)>& read) const;
  // Reads a map whose keys are these.
  void section(const std::vector<Key>& keys) const;

 private:
  std::string shown() const;
  void unknown(const Entry& entry, const std::vector<Key>& keys) const;

  Reader* reader_;
  YAML::Node node_;
  YAML::Mark key_place_;
  YAML::Mark place_;
  std::string path_;
};

}  // namespace larder::config
