// `${NAME}` and `${NAME:-default}` in a value of the configuration.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace larder::config {

using Environment = std::function<std::optional<std::string>(std::string_view name)>;

struct SubstitutionError {
  std::string message;
};

// `$$` is a dollar sign; one before anything else stands for itself. A default is taken when the variable is
// not set or empty, as in a shell. What is put in is not looked at again.
std::variant<std::string, SubstitutionError> substitute(std::string_view text,
                                                        const Environment& environment);

}  // namespace larder::config
