/// The backends that are there from the start.
#pragma once

namespace holdfast {

void register_hfm_backend();
void register_onnx_backend();
void register_catboost_backend();
void register_xgboost_backend();
void register_lightgbm_backend();

}  // namespace holdfast
