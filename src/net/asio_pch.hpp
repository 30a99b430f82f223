// Precompiled for every module that speaks Asio; nothing includes it by name.
#pragma once
#include <boost/asio.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>
