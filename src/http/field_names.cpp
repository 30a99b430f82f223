#include "field_names.hpp"

namespace larder::http {

FieldId field_id(std::string_view name) noexcept {
  return find_field_id(name);
}

std::string_view field_name(FieldId id) noexcept {
  return names::spelt[static_cast<std::size_t>(id)];
}

}  // namespace larder::http
