#include "yaml_document.hpp"

#include <algorithm>

namespace larder::config {
namespace {

YAML::Mark mark_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_begin = before.rfind('\n') + 1;  // 0 in the first line
  YAML::Mark mark;
  mark.pos = static_cast<int>(offset);
  mark.line = static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  mark.column = static_cast<int>(offset - line_begin);
  return mark;
}

// yaml-cpp takes byte 4 for the end of the text, and others for letters.
bool has_control_bytes(std::string_view yaml, Reader& reader) {
  const auto is_control = [](char c) {
    return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\r' && c != '\t';
  };
  const auto found = std::find_if(yaml.begin(), yaml.end(), is_control);
  if (found == yaml.end()) return false;
  reader.fail(mark_at(yaml, static_cast<std::size_t>(found - yaml.begin())),
              "a control character; expected YAML as UTF-8 text");
  return true;
}

// The tab that begins or ends the indentation of a line, which YAML forbids and yaml-cpp calls something
// else.
std::optional<std::size_t> tab_in_indentation(std::string_view yaml, int line) {
  std::size_t begin = 0;
  for (int i = 0; i < line; ++i) begin = yaml.find('\n', begin) + 1;
  const std::size_t first = yaml.find_first_not_of(' ', begin);
  if (first == std::string_view::npos || yaml[first] != '\t') return std::nullopt;
  return first;
}

void fail_syntax(std::string_view yaml, const YAML::Exception& exception, Reader& reader) {
  const int last_line = static_cast<int>(std::count(yaml.begin(), yaml.end(), '\n'));
  const int line = std::clamp(exception.mark.line, 0, last_line);
  if (const auto tab = tab_in_indentation(yaml, line)) {
    reader.fail(mark_at(yaml, *tab), "a tab in the indentation; expected spaces");
  } else if (exception.msg == "illegal document indicator in scalar") {
    reader.fail(exception.mark, "a quoted text does not end; expected its closing quote");
  } else {
    reader.fail(exception.mark, "not valid YAML: " + exception.msg);
  }
}

}  // namespace

std::optional<Value> read_document(std::string_view yaml, Reader& reader) {
  if (has_control_bytes(yaml, reader)) return std::nullopt;
  std::vector<YAML::Node> documents;
  try {
    // Without the mark of the end yaml-cpp closes an open quote silently at the end of the text.
    documents = YAML::LoadAll(std::string(yaml) + (yaml.ends_with('\n') ? "...\n" : "\n...\n"));
  } catch (const YAML::Exception& exception) {
    fail_syntax(yaml, exception, reader);
    return std::nullopt;
  }
  std::erase_if(documents, [](const YAML::Node& node) { return node.IsNull(); });
  const YAML::Mark begin = mark_at(yaml, 0);
  if (documents.empty()) {
    reader.fail(begin, "the file is empty; expected at least 'listen' and 'upstream'");
    return std::nullopt;
  }
  if (documents.size() > 1) {
    reader.fail(documents[1].Mark(),
                "a second document begins here; expected one (is the indentation right?)");
    return std::nullopt;
  }
  Value root(reader, documents[0], begin, {});
  if (root.is_map()) return root;
  root.fail_bare("expected a map of keys such as 'listen' and 'upstream'");
  return std::nullopt;
}

}  // namespace larder::config
