#include "field_names.hpp"

#include <iterator>

namespace larder::http {

FieldId field_id(std::string_view name) noexcept {
  if (name.empty() || name.size() > names::size_max) return FieldId::other;
  // The beginning of a line, as a head has it.
  constexpr std::size_t before = 2 * names::line_end.size();
  char line[before + names::line_part + 2] = "\r\n\r\n";
  char* const end = std::copy(name.begin(), name.end(), line + before);
  *end = ':';
  const auto known = known_name_at(line + before, std::end(line));
  return known && known->size == name.size() ? known->id : FieldId::other;
}

std::string_view field_name(FieldId id) noexcept {
  return names::spelt[static_cast<std::size_t>(id)];
}

}  // namespace larder::http
